import FoundationEssentials
import Home

/// One revision's files on this machine.
struct CodeFolder {
  private static let parent = "relay/code"

  let home: Home
  let path: String
  private let name: String

  init(home: Home, revision: Revision) throws(HomeError) {
    self.home = home
    name = "\(Self.parent)/\(revision.id)"
    path = try home.path(of: name)
  }

  /// Writes the files that are not there as they should be: one that was changed by hand or cut by a full disk is
  /// replaced, one that does not belong is removed.
  func write(_ upload: Upload) throws {
    try home.directory(name)
    for present in (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? [] {
      var isFolder = false
      guard FileManager.default.fileExists(atPath: "\(path)/\(present)", isDirectory: &isFolder), !isFolder,
        upload.files[present] == nil
      else { continue }
      try home.remove("\(name)/\(present)")
    }
    for (file, bytes) in upload.files where try home.read("\(name)/\(file)") != Data(bytes) {
      try home.write(bytes, to: "\(name)/\(file)")
    }
  }

  /// Removes the folders of other revisions.
  static func removeAll(in home: Home, but kept: [Revision?]) {
    let kept = Set(kept.compactMap { $0?.id })
    guard let path = try? home.path(of: parent) else { return }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where !kept.contains(name) {
      try? home.remove("\(parent)/\(name)")
    }
  }
}
