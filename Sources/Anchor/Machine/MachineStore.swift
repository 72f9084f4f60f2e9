public import Cryptography
import FoundationEssentials
public import Home

/// The machines this program is signed in as, one for each relay, under `relays/` in its home.
public struct MachineStore: Sendable {
  public let home: Home

  public init(home: Home) { self.home = home }

  private struct Record: Codable {
    var origin: String
    var user: String
    var machine: String
    var name: String
  }

  /// The folder of a relay's files, inside the home.
  public static func folder(of origin: String) -> String {
    let authority = origin.split(separator: "/").last.map(String.init) ?? origin
    // A colon cannot be in a file's name everywhere.
    return "relays/" + String(authority.lowercased().map { $0 == ":" ? "_" : $0 })
  }

  /// Keeps a machine; the one before it at the same relay is replaced. Throws `HomeError`, `CryptographyError`.
  public func save(_ machine: Machine) throws {
    let folder = Self.folder(of: machine.origin)
    // The key first: a record without its key would be useless.
    try home.write(machine.key.pkcs8(), to: "\(folder)/key.der")
    try home.writeJSON(
      Record(origin: machine.origin, user: machine.user, machine: machine.id, name: machine.name),
      to: "\(folder)/machine.json")
  }

  /// The machine at a relay, or nil while this program is not signed in there. Throws `HomeError`, `CryptographyError`.
  public func load(_ origin: String) throws -> Machine? {
    let folder = Self.folder(of: origin)
    guard let record = try home.readJSON(Record.self, from: "\(folder)/machine.json"), record.origin == origin,
      let key = try loadKey(origin)
    else { return nil }
    return Machine(origin: record.origin, user: record.user, id: record.machine, name: record.name, key: key)
  }

  /// The key for a relay, whether or not the relay knows it yet; signing in once more keeps it.
  public func loadKey(_ origin: String) throws -> SigningKey? {
    guard var der = try home.read("\(Self.folder(of: origin))/key.der") else { return nil }
    defer { erase(&der) }
    return try SigningKey(der: der)
  }

  /// The key for a relay, made and kept if there is none.
  public func keyOrNew(_ origin: String) throws -> SigningKey {
    if let key = try loadKey(origin) { return key }
    let key = try SigningKey()
    try home.write(key.pkcs8(), to: "\(Self.folder(of: origin))/key.der")
    return key
  }

  /// Forgets machine and key.
  public func remove(_ origin: String) throws {
    let folder = Self.folder(of: origin)
    try home.remove("\(folder)/machine.json")
    try home.remove("\(folder)/key.der")
  }

  /// The origins of all relays that this program is signed in at, in order of their names; a record that cannot be read
  /// fails by itself. What else lies in the folder, such as a desktop's notes, is passed over. Throws `HomeError`.
  public func records() throws -> [Result<String, HomeError>] {
    let folder = try home.path(of: "relays")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
      var isFolder = false
      guard FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder), isFolder else {
        return nil
      }
      do throws(HomeError) {
        return try home.readJSON(Record.self, from: "relays/\(name)/machine.json").map { .success($0.origin) }
      } catch {
        return .failure(error)
      }
    }
  }

  /// The same, where each of them counts. Throws `HomeError` for the first that cannot be read.
  public func origins() throws -> [String] { try records().map { try $0.get() } }
}
