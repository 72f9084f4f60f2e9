import FoundationEssentials
public import Home
import Processes

/// The `deno` on this machine.
public struct Deno: Sendable, Equatable {
  /// The oldest version that has all the relay uses (`Uint8Array.fromBase64`).
  static let oldest = [2, 5]

  public let path: String
  public let version: String

  /// Finds deno where `DENO` says, on `PATH`, or where its installer puts it, and asks for its version.
  ///
  /// - Throws: ``ProviderError`` with `missingProgram` or `oldProgram`.
  public static func find(environment: [String: String]) async throws -> Deno {
    let path = try find(in: environment)
    let answer: Captured
    do {
      answer = try await capture(
        Launch(path, ["--version"], environment: ["DENO_NO_UPDATE_CHECK": "1"]), timeLimit: .seconds(20))
    } catch let error as ProcessError {
      throw ProviderError(.missingProgram, "\(error.description) Reinstall deno (https://deno.com) or set DENO.")
    }
    let words = answer.text.prefix { !$0.isNewline }.split(separator: " ")
    guard answer.succeeded, words.count >= 2, words[0] == "deno" else {
      throw ProviderError(.missingProgram, "\(path) is not deno: set DENO to the program from https://deno.com.")
    }
    let numbers = words[1].split(separator: ".").map { Int($0.prefix(while: \.isNumber)) ?? 0 }
    guard !numbers.lexicographicallyPrecedes(oldest) else {
      throw ProviderError(
        .oldProgram,
        "\(path) is deno \(words[1]), and the relay needs \(oldest[0]).\(oldest[1]) or newer: run `deno upgrade`.")
    }
    return Deno(path: path, version: String(words[1]))
  }

  private static func find(in environment: [String: String]) throws(ProviderError) -> String {
    if let named = environment["DENO"], !named.isEmpty {
      if let path = findExecutable(named, searchPath: environment["PATH"]) { return path }
      throw ProviderError(.missingProgram, "DENO names \(named), which is no program: correct or unset it.")
    }
    var searchPath = environment["PATH"] ?? ""
    if let home = environment["HOME"] { searchPath += ":\(home)/.deno/bin" }
    if let path = findExecutable("deno", searchPath: searchPath) { return path }
    throw ProviderError(
      .missingProgram, "The relay runs on deno, which is not installed: get it from https://deno.com, or set DENO.")
  }

  /// Starts a module and waits until it says that it listens. What an earlier run left behind of it is ended first. It
  /// ends within seconds of this process, even if that is killed.
  ///
  /// It gets the permissions given and nothing else: no prompt, no download, no variable that is not named.
  /// - Throws: ``ProviderError``, `HomeError`, `ProcessError`; the process is gone then.
  public func start(_ module: DenoModule, home: Home) async throws -> DenoProcess {
    await DenoProcess.endLeftBehind(module.name, home: home)
    var environment = module.variables
    // Its cache of compiled code, which would go into the user's own otherwise.
    environment["DENO_DIR"] = try home.directory("deno")
    environment["DENO_NO_UPDATE_CHECK"] = "1"
    environment["NO_COLOR"] = "1"
    var arguments = ["run", "--quiet", "--no-prompt", "--no-remote", "--no-npm", "--no-lock"]
    arguments += ["--allow-env=" + module.variables.keys.sorted().joined(separator: ",")]
    arguments += ["--preload=\(try parentWatch(home))"]
    arguments += module.options
    arguments += [module.entry]
    if let text = try home.read(module.log) { try home.write(text, to: module.log + ".old") }
    try home.write(Data(), to: module.log)
    let child = try ChildProcess.spawn(
      Launch(path, arguments, environment: environment, directory: module.directory), log: home.path(of: module.log))
    let process = DenoProcess(child, module, home: home)
    do {
      try home.writeJSON(child.identity, to: module.record)
      try await process.ready()
    } catch {
      await process.stop()
      throw error
    }
    return process
  }

  /// A module that ends the process soon after this one is gone, however it went: killed, it could not do so itself.
  private func parentWatch(_ home: Home) throws(HomeError) -> String {
    let source = """
      const watch = setInterval(() => {
        if (Deno.ppid !== \(ProcessIdentity.current.pid)) Deno.exit(1);
      }, 1000);
      Deno.unrefTimer(watch);

      """
    try home.write(Array(source.utf8), to: "deno/parent.js")
    return try home.path(of: "deno/parent.js")
  }
}

/// A program for deno and what it may use.
public struct DenoModule: Sendable {
  /// The folder of the home where its log and its process's id are kept.
  public var name: String
  /// The module's path below `directory`.
  public var entry: String
  public var directory: String
  /// Permissions and other options of `deno run`.
  public var options: [String]
  /// All of its environment.
  public var variables: [String: String]

  public init(name: String, entry: String, directory: String, options: [String], variables: [String: String]) {
    (self.name, self.entry, self.directory) = (name, entry, directory)
    (self.options, self.variables) = (options, variables)
  }

  var log: String { "\(name)/\(name).log" }
  var record: String { Self.record(name) }
  static func record(_ name: String) -> String { "\(name)/process.json" }
}
