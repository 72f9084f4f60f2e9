import FoundationEssentials
public import Home
import Processes

/// A module that runs under deno.
public final class DenoProcess: Sendable {
  private let child: ChildProcess
  private let module: DenoModule
  private let home: Home

  init(_ child: ChildProcess, _ module: DenoModule, home: Home) {
    (self.child, self.module, self.home) = (child, module, home)
  }

  /// Ends the process that an earlier run started under this name and could not end, because it was killed.
  ///
  /// It is known by pid, start time and boot, so nothing foreign is ever ended.
  public static func endLeftBehind(_ name: String, home: Home) async {
    let record = DenoModule.record(name)
    guard let identity = (try? home.readJSON(ProcessIdentity.self, from: record)) ?? nil else { return }
    await ChildProcess.adopt(identity)?.stop(grace: .seconds(3))
    try? home.remove(record)
  }

  /// Ends it, by force where it does not end by itself within seconds.
  public func stop() async {
    await child.stop(grace: .seconds(3))
    try? home.remove(module.record)
  }

  /// Suspends until it ends, and says how in a few words.
  public func ended() async throws(CancellationError) -> String {
    switch try await child.ended() {
    case .exited(let code): "code \(code)"
    case .killed(let signal): "signal \(signal)"
    case .gone: "it is gone"
    }
  }

  /// The newest lines that it wrote, oldest first.
  func lines(limit: Int = 100) -> [String] {
    let data = (try? home.read(module.log)) ?? Data()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").suffix(limit).map(String.init)
  }

  /// The port in the line that says that it listens, `ready 4390` or `{"ready":4390}`; nil before.
  public var readyPort: Int? {
    let ready = #/(?:ready |\{"ready":)(\d+)\}?/#
    return lines().lazy.compactMap { Int($0.wholeMatch(of: ready)?.1 ?? "") }.first
  }

  private var logPath: String { (try? home.path(of: module.log)) ?? module.log }

  /// Waits for the ready line.
  ///
  /// - Throws: ``ProviderError`` when it ends before, or takes longer than a busy machine needs.
  func ready() async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while readyPort == nil {
      if child.ending != nil { throw refusal }
      guard ContinuousClock.now < deadline else {
        throw ProviderError(
          .notReady, "Deno did not get ready within 30 seconds: look at \(logPath).")
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// Why it ended before it was ready.
  private var refusal: ProviderError {
    let lines = lines()
    let text = lines.joined(separator: "\n")
    if text.contains("AddrInUse") || text.contains(" is in use") {
      return ProviderError(.addressInUse, "Its port is in use by another program: stop that and try again.")
    }
    let reason = lines.first { $0.hasPrefix("error") } ?? lines.last ?? "it says nothing"
    return ProviderError(
      .notReady, "Deno could not start it (\(reason)): look at \(logPath).")
  }
}
