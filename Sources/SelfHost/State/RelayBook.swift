public import FoundationEssentials
public import Home
public import Providers

/// What this machine knows of a relay that it deployed: the one thing that cannot be had again is the deploy key.
public struct RelayRecord: Codable, Sendable, Equatable {
  public let provider: String
  public let name: String
  /// The provider's id of the account; empty where there is only one.
  public var account: String
  /// Nil until the relay has run once.
  public var origin: String?
  /// Signs what the deployer asks of the relay. Changed by `rotate` alone, here; adoption by another machine voids it.
  public var deployKey: String
  /// The relay may not have these settings yet: a run that was to bring them there has not ended well.
  public var isPending: Bool?
  public var build: String?
  public var revision: Revision?
  /// What ran before, for going back.
  public var previous: Revision?
  public var deployed: Date?

  public init(provider: String, name: String, account: String, deployKey: String) {
    (self.provider, self.name, self.account, self.deployKey) = (provider, name, account, deployKey)
  }
}

/// The relays that this machine deployed, one private file each.
public struct RelayBook: Sendable {
  private static let folder = "self-host"
  private let home: Home

  public init(home: Home) { self.home = home }

  private func file(_ provider: String, _ name: String) -> String { "\(Self.folder)/\(provider)-\(name).json" }

  public func load(_ provider: String, _ name: String) throws(HomeError) -> RelayRecord? {
    try home.readJSON(from: file(provider, name))
  }

  public func save(_ record: RelayRecord) throws(HomeError) {
    try home.directory(Self.folder)
    try home.writeJSON(record, to: file(record.provider, record.name))
  }

  public func remove(_ record: RelayRecord) throws(HomeError) { try home.remove(file(record.provider, record.name)) }

  /// All of them, by provider and name.
  public func all() throws(HomeError) -> [RelayRecord] {
    let path = try home.path(of: Self.folder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    var records: [RelayRecord] = []
    for name in names.sorted() where name.hasSuffix(".json") {
      if let record = try home.readJSON(RelayRecord.self, from: "\(Self.folder)/\(name)") { records.append(record) }
    }
    return records
  }

  /// Held while a relay is changed, so that two runs at once do not harm each other; nil while another holds it.
  public func lock(_ provider: String, _ name: String) throws(HomeError) -> FileLock? {
    try home.directory(Self.folder)
    return try home.lock("\(Self.folder)/\(provider)-\(name).lock")
  }
}
