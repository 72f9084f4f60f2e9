import Foundation
import Testing

@testable import Processes

@Suite(.timeLimit(.minutes(5))) struct LookupTests {
  @Test func findsProgramsInTheSearchPath() async throws {
    try await withFolder { folder in
      let program = folder + "/tool"
      #expect(FileManager.default.createFile(atPath: program, contents: Data(), attributes: [.posixPermissions: 0o600]))
      try FileManager.default.createDirectory(atPath: folder + "/dir", withIntermediateDirectories: true)
      #expect(findExecutable("tool", searchPath: folder) == nil)
      #expect(chmod(program, 0o700) == 0)
      #expect(findExecutable("tool", searchPath: "/nowhere::relative:\(folder):/bin") == program)
      #expect(findExecutable("dir", searchPath: folder) == nil)
      #expect(findExecutable("", searchPath: folder) == nil)
      #expect(findExecutable(program, searchPath: "") == program)
      #expect(findExecutable(folder + "/none", searchPath: nil) == nil)
      #expect(findExecutable("sh", searchPath: nil)?.hasSuffix("/sh") == true)
      // What lies in the current directory is not found by its name.
      #expect(findExecutable("tool", searchPath: ".:") == nil)
    }
  }

  #if os(Linux)
    @Test func opensPagesWhereThereIsADesktop() async throws {
      try await withFolder { folder in
        let script = "#!/bin/sh\nprintf '%s\\n' \"$1\" >\"$(dirname \"$0\")/opened\"\n"
        try await writeProgram(script, to: folder + "/xdg-open")
        let desktop = ["PATH": folder + ":/usr/bin:/bin", "DISPLAY": ":0"]
        let page = "http://codex-remote.localhost:1/claim#secret"
        #expect(await openInBrowser(page, environment: desktop))
        let opened = try await line(of: folder + "/opened")
        #expect(opened == page)

        #expect(browserLaunch(for: "https://x/", environment: desktop.merging(["SSH_CONNECTION": "1"]) { $1 }) == nil)
        #expect(browserLaunch(for: "https://x/", environment: ["PATH": folder]) == nil)
        #expect(browserLaunch(for: "https://x/", environment: ["PATH": "/nowhere", "DISPLAY": ":0"]) == nil)
        #expect(browserLaunch(for: "file:///etc/passwd", environment: desktop) == nil)
        #expect(browserLaunch(for: "--help", environment: desktop) == nil)
      }
    }

    @Test func theBrowserOutlivesItsOpener() async throws {
      try await withFolder { folder in
        let script = "#!/bin/sh\nd=$(dirname \"$0\")\nsleep 60 &\necho $! >\"$d/pid\"\n"
        try await writeProgram(script, to: folder + "/xdg-open")
        #expect(await openInBrowser("https://x/", environment: ["PATH": folder + ":/usr/bin:/bin", "DISPLAY": ":0"]))
        let pid = try #require(Int32(try await line(of: folder + "/pid")))
        #expect(ProcessIdentity(of: pid)?.isRunning == true)
        kill(pid, SIGKILL)
      }
    }
  #endif
}
