import Processes

/// The codex program on this machine.
public struct Codex: Sendable, Equatable {
  public let path: String
  public let version: String

  /// Where codex lies. Throws `CodexError.notFound`.
  /// - Parameter path: the path that the user gave, nil for the first on PATH.
  public static func find(_ path: String?, environment: [String: String]) throws(CodexError) -> String {
    if let found = findExecutable(path ?? "codex", searchPath: environment["PATH"]) { return found }
    if let path {
      throw CodexError(.notFound, "There is no program at \(path): give the path of codex with --codex.")
    }
    throw CodexError(
      .notFound, "codex was not found on PATH: \(CodexError.howToInstall), or give its path with --codex.")
  }

  /// Finds codex and asks for its version. Throws `CodexError`: `notFound`, `tooOld`, `failed`.
  public static func check(_ path: String?, environment: [String: String]) async throws -> Codex {
    let found = try find(path, environment: environment)
    guard let answer = try? await capture(Launch(found, ["--version"], environment: environment)), answer.succeeded,
      let version = CodexVersion(in: answer.text)
    else {
      throw CodexError(.failed, "\(found) does not tell its version: \(CodexError.howToInstall).")
    }
    guard version >= .oldest else { throw CodexError.tooOld(version.description, found) }
    return Codex(path: found, version: version.description)
  }
}
