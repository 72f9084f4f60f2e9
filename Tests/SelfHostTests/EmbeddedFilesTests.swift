import Foundation
import SelfHost
import Testing

@Suite struct EmbeddedFilesTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  @Test func areThoseOfTheProjectByteForByte() throws {
    var onDisk: [String: Data] = [:]
    for folder in ["templates", "web"] {
      for path in try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path) {
        let file = root.appending(path: "\(folder)/\(path)")
        let isHidden = path.split(separator: "/").contains { $0.hasPrefix(".") }
        let isLeftOut = [".d.ts", "_test.js"].contains { path.hasSuffix($0) }
        guard !isHidden, !isLeftOut, !file.hasDirectoryPath, let data = try? Data(contentsOf: file) else { continue }
        onDisk["\(folder)/\(path)"] = data
      }
    }
    let embedded = Dictionary(uniqueKeysWithValues: EmbeddedFiles.all.map { ($0.path, $0.bytes) })
    #expect(embedded.keys.sorted() == onDisk.keys.sorted())
    for (path, data) in onDisk { #expect(embedded[path] == data, "\(path) differs") }
  }

  /// Runs the tool over files that try to end or bend a literal, compiles what it wrote and reads the bytes back.
  @Test func carryAnyBytes() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let contents: [(String, Data)] = [
      ("web/empty.js", Data()), ("web/quotes.js", Data("\"\"\"\n\"\"\"#\n#\"\"\"##\n\"".utf8)),
      ("web/escapes.js", Data("\\(x) \\#(x) \\##u{41} ###\\\n\\".utf8)),
      ("web/controls.js", Data("\r\n\0\u{1b}[0m\t\u{7f}\u{feff}\u{200e}\u{202e}\u{2028}\u{85}é☃👩‍👩‍👧\n\n".utf8)),
      ("web/dir with space/#name\"\\.js", Data("x".utf8)), ("web/icon.png", Data((0...255).map { UInt8($0) })),
      ("web/indent.css", Data("    a\n  b\n\t".utf8)),
    ]
    for (path, data) in contents {
      let file = URL(filePath: "\(folder)/\(path)")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: file)
    }
    let program = """
      import FoundationEssentials
      for file in EmbeddedFiles.all { print(Data(file.path.utf8).base64EncodedString(), file.bytes.base64EncodedString()) }
      """
    try Data(program.utf8).write(to: URL(filePath: folder + "/main.swift"))
    let tool = try #require(
      builtProducts().map { $0 + "/EmbedTool" }.flatMap { [$0 + "-tool", $0] }
        .first { FileManager.default.isExecutableFile(atPath: $0) })
    _ = try output(of: [tool, folder + "/Files.swift", folder] + contents.map { "\(folder)/\($0.0)" })
    _ = try output(of: [
      "swiftc", "-swift-version", "6", "-enable-upcoming-feature", "InternalImportsByDefault", "-o",
      folder + "/program",
      folder + "/main.swift", folder + "/Files.swift",
      root.appending(path: "Sources/SelfHost/Bundle/EmbeddedFile.swift").path,
    ])
    let lines = try output(of: [folder + "/program"]).split(separator: "\n", omittingEmptySubsequences: true)
    #expect(lines.count == contents.count)
    for (line, (path, data)) in zip(lines, contents) {
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map { Data(base64Encoded: String($0)) }
      #expect(words == [Data(path.utf8), data], "\(path) differs")
    }
  }

  /// The folders that may hold what this build made.
  private func builtProducts() -> [String] {
    CommandLine.arguments.prefix(1).map { URL(filePath: $0).deletingLastPathComponent().path }
      + [root.appending(path: ".build/debug").path]
  }

  private func output(of words: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(words.first ?? "") failed")
    return String(decoding: data, as: UTF8.self)
  }
}
