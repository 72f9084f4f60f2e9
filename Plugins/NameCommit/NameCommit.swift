import Foundation
import PackagePlugin

/// Puts `sourceCommit`, the commit that the source is of, into the target that asks for it.
@main struct NameCommit: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let root = context.package.directoryURL
    let output = context.pluginWorkDirectoryURL.appending(path: "SourceCommit.swift")
    // A commit or a checkout writes to git's log, an edit to one of the files: only then git is asked again.
    let files = ["Sources", "Plugins", "templates", "web"].flatMap { findFiles(below: root.appending(path: $0)) }
    let named = [root.appending(path: "Package.swift"), root.appending(path: "scripts/commit")]
    return [
      .buildCommand(
        displayName: "Naming the commit", executable: URL(filePath: "/bin/sh"),
        arguments: [root.appending(path: "scripts/commit").path, output.path],
        inputFiles: files + named + gitLog(of: root), outputFiles: [output])
    ]
  }

  private func findFiles(below folder: URL) -> [URL] {
    let all = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: [.isRegularFileKey], options: .skipsHiddenFiles)
    return (all?.compactMap { $0 as? URL } ?? [])
      .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true }
      .sorted { $0.path < $1.path }
  }

  /// The log of HEAD; in a further worktree of git, `.git` is a file that names the folder. None outside of git.
  private func gitLog(of root: URL) -> [URL] {
    var folder = root.appending(path: ".git")
    if let text = try? String(contentsOf: folder, encoding: .utf8), text.hasPrefix("gitdir: ") {
      let path = text.dropFirst("gitdir: ".count).trimmingCharacters(in: .whitespacesAndNewlines)
      folder = URL(filePath: path, relativeTo: root)
    }
    return [folder.appending(path: "logs/HEAD")].filter { FileManager.default.fileExists(atPath: $0.path) }
  }
}
