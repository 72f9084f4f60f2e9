import Foundation
import Processes
import Testing

/// A shell script to start, with the usual search path.
func shell(_ script: String, _ arguments: String..., environment: [String: String] = [:]) -> Launch {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
  return Launch(
    "/bin/sh", ["-c", script, "sh"] + arguments, environment: environment.merging(["PATH": path]) { given, _ in given })
}

/// Runs a test with an empty folder, and removes it.
func withFolder(_ body: (String) async throws -> Void) async throws {
  let path = FileManager.default.temporaryDirectory.appending(path: "processes-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  try await body(path)
}

/// The part of a script that waits until the test goes on, given the test's folder as the first argument.
let untilTold = "while ! [ -e $1/go ]; do sleep 0.01; done"

/// Lets a script behind `untilTold` go on.
func tell(_ folder: String) throws {
  try Data().write(to: URL(filePath: folder + "/go"))
}

/// Waits until a file holds a whole line, and returns it.
func line(of path: String) async throws -> String {
  while true {
    if let text = try? String(contentsOfFile: path, encoding: .utf8), let end = text.firstIndex(of: "\n") {
      return String(text[..<end])
    }
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// Waits until a process, which need not be a child, has ended.
func untilGone(_ pid: Int32) async throws {
  while ProcessIdentity(of: pid)?.isRunning ?? false { try await Task.sleep(for: .milliseconds(5)) }
}

/// Writes a program to run. Another process does it: were this one to, a child that another test starts at that moment
/// could hold the file open for writing, and a program that is being written cannot be run.
func writeProgram(_ text: String, to path: String) async throws {
  let written = try await capture(shell("printf '%s' \"$1\" >\"$2\" && chmod 700 \"$2\"", text, path))
  try #require(written.succeeded)
}
