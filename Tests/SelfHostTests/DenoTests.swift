import FoundationEssentials
import Providers
import Testing

@Suite struct DenoTests {
  @Test func theInstalledOneIsFound() async throws {
    let deno = try await Deno.find(environment: toolEnvironment)
    #expect(deno.version.split(separator: ".").count == 3)
  }

  @Test func aMissingOneIsOneSentence() async throws {
    let error = await #expect(throws: ProviderError.self) {
      try await Deno.find(environment: ["PATH": "/nonexistent", "HOME": "/nonexistent"])
    }
    #expect(
      error
        == ProviderError(
          .missingProgram,
          "The relay runs on deno, which is not installed: get it from https://deno.com, or set DENO."))
  }

  @Test func aWrongPathInTheEnvironmentIsNamed() async throws {
    let error = await #expect(throws: ProviderError.self) {
      try await Deno.find(environment: ["DENO": "/nonexistent/deno", "PATH": toolEnvironment["PATH"] ?? ""])
    }
    #expect(error?.description == "DENO names /nonexistent/deno, which is no program: correct or unset it.")
  }

  @Test(arguments: [
    ("echo deno 2.4.5 '(stable)'", ProviderError.Code.oldProgram),
    ("echo deno 1.46.3", .oldProgram),
    ("echo something else", .missingProgram),
    ("exit 1", .missingProgram),
  ])
  func anotherProgramIsRefused(script: String, code: ProviderError.Code) async throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/deno"
    _ = FileManager.default.createFile(
      atPath: path, contents: Data("#!/bin/sh\n\(script)\n".utf8), attributes: [.posixPermissions: 0o700])
    let error = await #expect(throws: ProviderError.self) { try await Deno.find(environment: ["DENO": path]) }
    #expect(error?.code == code)
  }
}
