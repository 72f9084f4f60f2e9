import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The folder that holds what the program keeps, for its owner alone: directories 0700, files 0600.
///
/// A name is a path below the folder, such as `relay/state.json`. Every function throws `HomeError`.
public struct Home: Sendable, Hashable {
  /// The folder's absolute path. It need not exist.
  public let path: String

  /// A home at a path; a relative one begins at the current directory.
  public init(path: String) {
    self.path = Self.absolute(path)
  }

  /// The home that the environment names: `CODEX_REMOTE_HOME`, or else `.codex-remote` in the user's directory.
  public init(environment: [String: String]) throws(HomeError) {
    if let path = environment["CODEX_REMOTE_HOME"], !path.isEmpty {
      self.init(path: path)
    } else if let user = environment["HOME"], user.hasPrefix("/") {
      self.init(path: user + "/.codex-remote")
    } else if let entry = getpwuid(getuid()), let user = entry.pointee.pw_dir {
      self.init(path: String(cString: user) + "/.codex-remote")
    } else {
      throw HomeError(
        .noHome, "Your home directory is unknown. Set HOME, or CODEX_REMOTE_HOME to a folder of your choice.")
    }
  }

  /// A home of its own inside this one, as `demo` has it.
  public func nested(_ name: String) throws(HomeError) -> Home { Home(path: try path(of: name)) }

  /// Where a file or folder of that name lies. It need not exist.
  public func path(of name: String) throws(HomeError) -> String {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }) else {
      throw HomeError(.invalidName, "\"\(name)\" is no name for a file in \(path).")
    }
    return path + "/" + name
  }

  /// Makes the folder, and its parents where they are missing. One that others can read is closed to them; one that
  /// everyone can write in, such as `/tmp`, is refused.
  public func prepare() throws(HomeError) {
    var parents: [String] = []
    var parent = Self.parent(of: path)
    while access(parent, F_OK) != 0, errno == ENOENT, parent != "/" {
      parents.append(parent)
      parent = Self.parent(of: parent)
    }
    for parent in parents.reversed() { try Self.make(parent) }
    try Self.makePrivate(path)
  }

  /// Makes a folder inside this one, with the folders above it.
  /// - Returns: its path.
  @discardableResult
  public func directory(_ name: String) throws(HomeError) -> String {
    let full = try path(of: name)
    try prepare()
    var folder = path
    for part in name.split(separator: "/") {
      folder += "/" + part
      try Self.makePrivate(folder)
    }
    return full
  }

  /// Removes a file or a folder with all that is in it; one that is not there is no error.
  public func remove(_ name: String) throws(HomeError) {
    let path = try path(of: name)
    guard unlink(path) != 0, errno != ENOENT else { return }
    guard errno == EISDIR || errno == EPERM else { throw .system(errno, path, "removed") }
    do { try FileManager.default.removeItem(atPath: path) } catch {
      throw HomeError(.failed, "\(path) could not be removed. Remove it by hand and try again.")
    }
  }

  /// The path of the file, its folder made.
  func pathToWrite(_ name: String) throws(HomeError) -> String {
    let full = try path(of: name)
    if let slash = name.lastIndex(of: "/") { try directory(String(name[..<slash])) } else { try prepare() }
    return full
  }

  private static func makePrivate(_ path: String) throws(HomeError) {
    try make(path)
    var info = stat()
    guard stat(path, &info) == 0 else { throw .system(errno, path, "read") }
    guard info.st_mode & S_IFMT == S_IFDIR else { throw .system(ENOTDIR, path, "made a folder") }
    guard info.st_uid == geteuid() else {
      throw HomeError(.foreign, "\(path) belongs to another user. Set CODEX_REMOTE_HOME to a folder of your own.")
    }
    guard info.st_mode & 0o002 == 0 else {
      throw HomeError(
        .foreign, "Everyone can write in \(path). Set CODEX_REMOTE_HOME to a folder that is yours alone.")
    }
    guard info.st_mode & 0o777 == 0o700 || chmod(path, 0o700) == 0 else { throw .system(errno, path, "made private") }
  }

  private static func make(_ path: String) throws(HomeError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(errno, path, "made") }
  }

  private static func parent(of path: String) -> String {
    let head = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    return head.isEmpty ? "/" : String(head)
  }

  private static func absolute(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    let parts = full.split(separator: "/").filter { $0 != "." }
    return "/" + parts.joined(separator: "/")
  }
}
