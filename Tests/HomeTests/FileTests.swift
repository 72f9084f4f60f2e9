import Foundation
import Testing

@testable import Home

@Suite struct FileTests {
  struct State: Codable, Equatable { var count = 0, at = Date(timeIntervalSince1970: 0) }

  @Test func writesForTheOwnerAlone() throws {
    try withHome { home in
      let bytes = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
      for size in [0, 1, 65_536, 200_000] {
        try home.write(bytes.prefix(size), to: "keys/anchor.der")
        #expect(try home.read("keys/anchor.der") == bytes.prefix(size))
        #expect(try mode(home.path + "/keys/anchor.der") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path + "/keys") == ["anchor.der"])
      }
      #expect(try home.read("missing") == nil)
    }
  }

  @Test func readersNeverSeeHalfAFile() async throws {
    let home = Home(path: FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path)
    defer { try? FileManager.default.removeItem(atPath: home.path) }
    try home.write(Data(repeating: 0, count: 50_000), to: "x")
    try await withThrowingTaskGroup { group in
      group.addTask {
        for round in 1..<100 { try home.write(Data(repeating: UInt8(round), count: 50_000), to: "x") }
      }
      group.addTask {
        for _ in 1..<200 {
          let data = try #require(try home.read("x"))
          #expect(data.count == 50_000 && Set(data).count == 1)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test(arguments: [ENOSPC, EDQUOT])
  func keepsTheOldFileWhenTheDiskIsFull(number: Int32) throws {
    try withHome { home in
      try home.write(Data("old".utf8), to: "x")
      let error = #expect(throws: HomeError.self) {
        var calls = 0
        try replaceFile(home.path + "/x", with: Data("new and longer".utf8)) { file, bytes, count in
          calls += 1
          guard calls == 1 else {
            errno = number
            return -1
          }
          return write(file, bytes, min(count, 3))
        }
      }
      #expect(error?.code == .full)
      #expect(error?.description.hasSuffix("Free some space and try again.") == true)
      #expect(try home.read("x") == Data("old".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == ["x"])
    }
  }

  @Test func keepsStateAsJSON() throws {
    try withHome { home in
      #expect(try home.readJSON(State.self, from: "state.json") == nil)
      let state = State(count: 3, at: Date(timeIntervalSince1970: 1_000_000))
      try home.writeJSON(state, to: "state.json")
      #expect(try home.readJSON(from: "state.json") == state)
      #expect(try mode(home.path + "/state.json") == 0o600)
      let text = String(decoding: try #require(try home.read("state.json")), as: UTF8.self)
      #expect(text == "{\n  \"at\" : \"1970-01-12T13:46:40Z\",\n  \"count\" : 3\n}\n")
    }
  }

  @Test func leavesADamagedFileAlone() throws {
    try withHome { home in
      try home.write(Data("{\"count\":".utf8), to: "state.json")
      let error = #expect(throws: HomeError.self) { try home.readJSON(State.self, from: "state.json") }
      #expect(error?.code == .damaged)
      #expect(try home.read("state.json") == Data("{\"count\":".utf8))
    }
  }
}
