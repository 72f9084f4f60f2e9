import Foundation
import Testing

@testable import Home

@Suite struct HomeTests {
  @Test func takesTheFolderFromTheEnvironment() throws {
    #expect(try Home(environment: ["CODEX_REMOTE_HOME": "/a/b/", "HOME": "/c"]).path == "/a/b")
    #expect(try Home(environment: ["HOME": "/c"]).path == "/c/.codex-remote")
    #expect(try Home(environment: ["CODEX_REMOTE_HOME": "", "HOME": "/c"]).path == "/c/.codex-remote")
    #expect(try Home(environment: [:]).path.hasSuffix("/.codex-remote"))
    #expect(Home(path: "x/./y").path == FileManager.default.currentDirectoryPath + "/x/y")
  }

  @Test func makesFoldersForTheirOwnerAlone() throws {
    try withHome { home in
      let path = try home.directory("demo/logs")
      #expect(path == home.path + "/demo/logs")
      for folder in [home.path, home.path + "/demo", path] { #expect(try mode(folder) == 0o700) }
      #expect(try home.nested("demo").path == home.path + "/demo")
    }
  }

  @Test func closesAFolderThatOthersCanRead() throws {
    try withHome { home in
      try FileManager.default.createDirectory(
        atPath: home.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
      try home.prepare()
      #expect(try mode(home.path) == 0o700)
    }
  }

  @Test func leavesAFolderToOthersThatIsEveryones() throws {
    try withHome { home in
      try FileManager.default.createDirectory(atPath: home.path, withIntermediateDirectories: true)
      #expect(chmod(home.path, 0o1777) == 0)
      let error = #expect(throws: HomeError.self) { try home.prepare() }
      #expect(error?.code == .foreign)
      #expect(try mode(home.path) & 0o777 == 0o777)
    }
  }

  @Test(arguments: ["", "..", "a/../b", "/etc/passwd", "a//b", ".", "a\0b"])
  func refusesNamesThatLeadOut(name: String) throws {
    try withHome { home in
      let error = #expect(throws: HomeError.self) { try home.write(Data(), to: name) }
      #expect(error?.code == .invalidName)
    }
  }

  @Test func saysWhatToDoWhenTheFolderCannotBeMade() throws {
    let error = #expect(throws: HomeError.self) { try Home(path: "/dev/null/state").write(Data(), to: "x") }
    #expect(error?.code == .failed)
    #expect(error?.errno == ENOTDIR)
    #expect(error?.description.contains("/dev/null") == true)
    #expect(error?.description.contains("CODEX_REMOTE_HOME") == true)
  }

  @Test func saysWhatToDoWhenTheFolderIsReadOnly() throws {
    // Root may write everywhere but into the kernel's own folders.
    let path = geteuid() == 0 ? "/proc/1/state" : "/state"
    let error = #expect(throws: HomeError.self) { try Home(path: path).prepare() }
    #expect(error?.code == .failed)
    #expect(error?.description.contains(path) == true)
  }

  @Test func removesFilesAndFolders() throws {
    try withHome { home in
      try home.write(Data("x".utf8), to: "a/b")
      try home.remove("a/b")
      #expect(try home.read("a/b") == nil)
      try home.write(Data("x".utf8), to: "a/b")
      try home.remove("a")
      try home.remove("a")
      #expect(!FileManager.default.fileExists(atPath: home.path + "/a"))
    }
  }
}
