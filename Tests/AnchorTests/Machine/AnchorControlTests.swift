import Foundation
import Home
import Processes
import Testing

@testable import Anchor

@Suite struct AnchorControlTests {
  @Test func findsAnAnchorByItsLockWhereItsStatusCouldNotBeWritten() throws {
    let folder = try Folder()
    let home = Home(path: folder.file("home"))
    let origin = "https://relay.example"
    #expect(try AnchorControl.process(home, origin: origin) == nil)
    let lock = try #require(try home.lock(AnchorControl.lockName(MachineStore.folder(of: origin))))
    defer { lock.release() }
    #expect(try AnchorControl.process(home, origin: origin) == .current)
  }

  @Test func takesNoProcessHereForAnAnchorElsewhere() throws {
    let folder = try Folder()
    let home = Home(path: folder.file("home"))
    let origin = "https://relay.example"
    let files = MachineStore.folder(of: origin)
    // As in a container that shares the home: the lock is held there, and the id is another process's here.
    let lock = try #require(try home.lock(AnchorControl.lockName(files)))
    defer { lock.release() }
    let elsewhere = ProcessIdentity(pid: getpid(), startedAt: "then", bootID: ProcessIdentity.current.bootID)
    try home.writeJSON(
      AnchorStatus(origin: origin, name: "Desk", process: elsewhere, version: "1", since: .now),
      to: StatusFile.name(files))
    #expect(try AnchorControl.process(home, origin: origin) == nil)
  }
}
