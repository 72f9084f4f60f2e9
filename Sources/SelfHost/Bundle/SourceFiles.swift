import FoundationEssentials

/// The files a relay is made from: `templates/…` and `web/…`, by path from the project's root.
public struct SourceFiles: Sendable, Equatable {
  let files: [String: [UInt8]]

  /// Takes files by path.
  public init(_ files: [String: [UInt8]]) { self.files = files }

  /// Reads `templates` and `web` below a folder, for people who edit them.
  public init(folder: String) throws(BundleError) {
    var files: [String: [UInt8]] = [:]
    for part in ["templates", "web"] {
      let root = "\(folder)/\(part)"
      guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: root) else {
        throw BundleError("There is no folder \(root): give --templates the folder that holds templates and web.")
      }
      for path in paths {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder), !isFolder else {
          continue
        }
        guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else {
          throw BundleError("\(root)/\(path) cannot be read: check its permissions.")
        }
        files["\(part)/\(path)"] = Array(data)
      }
    }
    self.init(files)
  }

  /// The files below a folder, by their path inside it.
  public func below(_ folder: String) -> [String: [UInt8]] {
    let prefix = folder + "/"
    return Dictionary(
      uniqueKeysWithValues: files.filter { $0.key.hasPrefix(prefix) }
        .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }

  /// Those below a folder that a relay runs or serves: no hidden files, type declarations, notes, and tests beside the
  /// code.
  func deployed(_ folder: String) -> [String: [UInt8]] {
    below(folder).filter { path, _ in
      let parts = path.split(separator: "/")
      let name = parts.last ?? ""
      return !parts.contains { $0.hasPrefix(".") } && !name.hasSuffix(".d.ts") && !name.hasSuffix(".md")
        && !name.hasSuffix("_test.js")
    }
  }
}

extension SourceFiles {
  /// Those that the program carries.
  public static var embedded: SourceFiles {
    SourceFiles(Dictionary(uniqueKeysWithValues: EmbeddedFiles.all.map { ($0.path, Array($0.bytes)) }))
  }
}
