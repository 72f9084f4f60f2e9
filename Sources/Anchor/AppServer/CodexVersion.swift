/// A version of codex, as far as it decides anything.
struct CodexVersion: Sendable, Comparable, CustomStringConvertible {
  let major: Int
  let minor: Int
  let patch: Int

  /// The oldest that has what the anchor and the web client use.
  static let oldest = CodexVersion(major: 0, minor: 163, patch: 0)

  init(major: Int, minor: Int, patch: Int) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// The first `1.2.3` in a text such as `codex-cli 0.163.0` or `codex-remote/0.163.0 (Debian …)`.
  init?(in text: String) {
    for word in text.split(whereSeparator: { !($0.isASCII && ($0.isNumber || $0 == ".")) }) {
      let numbers = word.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count >= 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else { continue }
      self.init(major: major, minor: minor, patch: patch)
      return
    }
    return nil
  }

  var description: String { "\(major).\(minor).\(patch)" }

  static func < (a: CodexVersion, b: CodexVersion) -> Bool {
    (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
  }
}

/// Why app-server cannot be used; the description is a sentence that says what to do next.
public struct CodexError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    case notFound
    case tooOld
    /// `--attach`, and nobody listens there.
    case notRunning
    /// It did not start, or does not answer.
    case failed
  }

  public let code: Code
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  static let howToInstall = "install it with `npm install -g @openai/codex` or `brew install codex`"

  static func tooOld(_ version: String, _ path: String) -> CodexError {
    CodexError(
      .tooOld,
      "\(path) is codex \(version), and codex-remote needs \(CodexVersion.oldest) or newer: "
        + "update it, for instance with `npm install -g @openai/codex@latest`.")
  }
}
