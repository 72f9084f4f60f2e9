public import FoundationEssentials

/// The files of `templates/` and `web/` that the program carries; a build plugin writes `all`.
public enum EmbeddedFiles {}

/// A file that the program carries.
public struct EmbeddedFile: Sendable {
  /// From the project's root: `web/index.html`.
  public let path: String
  private let content: StaticString
  private let isBase64: Bool

  init(path: String, text: StaticString) { (self.path, content, isBase64) = (path, text, false) }
  init(path: String, base64: StaticString) { (self.path, content, isBase64) = (path, base64, true) }

  /// The file's bytes.
  public var bytes: Data {
    let data = content.withUTF8Buffer { Data($0) }
    guard isBase64 else { return data }
    return Data(base64Encoded: data) ?? Data()
  }
}
