import Foundation
import Home

/// Runs a test with a home that does not exist yet, and removes it.
func withHome(_ body: (Home) throws -> Void) throws {
  let parent = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: parent) }
  try body(Home(path: parent + "/state"))
}

/// The permission bits of a file or folder.
func mode(_ path: String) throws -> Int {
  let attributes = try FileManager.default.attributesOfItem(atPath: path)
  return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
}

/// A Python process that takes a lock, says so, and keeps it until its input ends.
struct LockingProcess {
  let process = Process()
  private let input = Pipe()

  init(path: String) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let program = """
      import fcntl, os, sys
      file = open(sys.argv[1], "w")
      fcntl.flock(file, fcntl.LOCK_EX)
      print(os.getpid(), file=file, flush=True)
      print("locked", flush=True)
      sys.stdin.read()
      """
    process.arguments = ["python3", "-c", program, path]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    _ = output.fileHandleForReading.availableData
  }

  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
