import Cryptography
import FoundationEssentials
import Home

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where app-server listens: a path that is short enough for a unix socket, in a folder that is the user's alone.
enum SocketPath {
  /// What every platform takes (macOS: 103 bytes).
  private static let longest = 100

  /// Makes the folder and names the socket. Throws `HomeError`, `CodexError`.
  static func make(home: Home, relayFolder: String) throws -> String {
    let name = base64URL(sha256(Data("\(home.path)\n\(relayFolder)".utf8))).prefix(10)
    let inside = try home.path(of: "run") + "/\(name).sock"
    if inside.utf8.count <= longest {
      try home.directory("run")
      return inside
    }
    let folder = "/tmp/codex-remote-\(geteuid())"
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw CodexError(.failed, "\(folder) cannot be made: \(String(cString: strerror(errno))).")
    }
    var info = stat()
    // Someone else's folder, or a link to one, would let them listen in codex's place.
    guard lstat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_uid == geteuid(),
      info.st_mode & 0o077 == 0
    else { throw CodexError(.failed, "\(folder) is not this user's alone: remove it and try again.") }
    return "\(folder)/\(name).sock"
  }

  /// Tells this socket from one that took its place later.
  static func identity(_ path: String) -> String? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    #if canImport(Darwin)
      let changed = info.st_ctimespec
    #else
      let changed = info.st_ctim
    #endif
    return base64URL(
      sha256(Data("\(info.st_dev) \(info.st_ino) \(changed.tv_sec) \(changed.tv_nsec)".utf8)).prefix(16))
  }
}
