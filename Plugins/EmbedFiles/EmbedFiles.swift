import Foundation
import PackagePlugin

/// Puts the files of `templates/` and `web/` into the target that asks for it, as `EmbeddedFiles.all`.
@main struct EmbedFiles: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let root = context.package.directoryURL
    // Each file is named, for a folder's date tells nothing of a file that changed inside it.
    let files = ["templates", "web"].flatMap { findFiles(below: root.appending(path: $0)) }
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(files.count) files of templates and web",
        executable: try context.tool(named: "EmbedTool").url,
        arguments: [output.path, root.path] + files.map(\.path), inputFiles: files, outputFiles: [output])
    ]
  }

  /// What a relay or the demo needs: no hidden files, type declarations and tests.
  private func findFiles(below folder: URL) -> [URL] {
    let all = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: [.isRegularFileKey], options: .skipsHiddenFiles)
    return (all?.compactMap { $0 as? URL } ?? [])
      .filter { file in
        let isFile = try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile
        let name = file.lastPathComponent
        return isFile == true && !name.hasSuffix(".d.ts") && !name.hasSuffix("_test.js")
      }
      .sorted { $0.path < $1.path }
  }
}
