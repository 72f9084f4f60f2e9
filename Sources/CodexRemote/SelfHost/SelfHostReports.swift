import Arguments
import FoundationEssentials
import Providers
import SelfHost
import Terminal
import Transport

/// `self-host list`: the relays that this machine deployed, and what else there is at a provider.
struct SelfHostListCommand: SelfHostAction {
  var options = SelfHostOptions()

  static let command = Command(
    "list", "List the relays that this machine deployed.", SelfHostListCommand.self,
    parameters: [
      .option("--provider", to: \.options.provider, "WHERE", "Ask it, too, which others there are."),
      .json(to: \.options.json),
    ])

  struct Line: Encodable {
    let provider: String
    let name: String
    let origin: String?
    let build: String?
    let deployed: String?
    /// Whether this machine deployed it, and so has its deploy key.
    let known: Bool
  }

  func run() async throws {
    let hosting = try SelfHosting()
    var lines = try hosting.book.all().map {
      Line(
        provider: $0.provider, name: $0.name, origin: $0.origin, build: $0.build,
        deployed: $0.deployed?.formatted(.iso8601), known: true)
    }
    if let platform = options.provider?.platform {
      let known = try hosting.book.all().filter { $0.provider == platform.name }
      let provider = try await hosting.provider(platform, name: SelfHostOptions.defaultName, record: known.first)
      _ = try await provider.authenticate()
      let others = try await provider.relays().filter { name in !known.contains { $0.name == name } }
      lines = lines.filter { $0.provider == platform.name }
      lines += others.map {
        Line(provider: platform.name, name: $0, origin: nil, build: nil, deployed: nil, known: false)
      }
      await IO.stop()
    }
    if options.json { return writeAll(Arguments.json(lines) + "\n", to: 1) }
    guard !lines.isEmpty else {
      return writeAll("No relay yet: codex-remote self-host --provider cloudflare or deno makes one.\n", to: 1)
    }
    for line in lines {
      let adopts = "made elsewhere: codex-remote self-host --provider \(line.provider) --name \(line.name) adopts it"
      let state = line.known ? line.origin ?? "not finished: run self-host again" : oneLine(adopts)
      writeAll("\(line.provider)  \(line.name)  \(state)\n", to: 1)
    }
  }
}

/// `self-host status`: what runs there, and what this program would deploy.
struct SelfHostStatusCommand: SelfHostAction {
  var options = SelfHostOptions()

  static let command = Command(
    "status", "Say what runs there and whether it is up to date.", SelfHostStatusCommand.self, parameters: whichRelay)

  struct Status: Encodable {
    let provider: String
    let name: String
    let origin: String?
    let reachable: Bool
    let problem: String?
    let version: String?
    let build: String?
    let upToDate: Bool?
    /// What this program would deploy.
    let carries: Carried?
    /// Where people see connections and what is used of the plan.
    let usagePage: String
  }

  struct Carried: Encodable { let version: String, build: String }

  func run() async throws {
    let hosting = try SelfHosting()
    let record = try options.record(in: hosting.book)
    let platform = try hosting.platform(of: record)
    var health: RelayHealth?
    var problem: String?
    if let origin = record.origin {
      switch await RelayHealth.ask(origin) {
      case .answers(let answer): health = answer
      case .fails(let why): problem = why
      }
    } else {
      problem = "its deploy was not finished: run codex-remote self-host again"
    }
    await IO.stop()
    // The relay's own code counts too, which only its last deployer can compare.
    let mine = try? bundle(.embedded, for: platform.adapter)
    let isLatest = record.revision?.digest == mine?.digest && record.isPending != true
    let status = Status(
      provider: record.provider, name: record.name, origin: record.origin, reachable: health != nil, problem: problem,
      version: health?.version, build: health?.build, upToDate: health.map { isLatest && $0.build == mine?.build },
      carries: mine.map { Carried(version: version, build: $0.build) }, usagePage: platform.usagePage)
    if options.json {
      writeAll(Arguments.json(status) + "\n", to: 1)
    } else {
      for line in lines(status) { writeAll(oneLine(line) + "\n", to: 1) }
    }
    if health == nil { throw Exit(1) }
  }

  private func lines(_ status: Status) -> [String] {
    let place = "\(status.name) on \(status.provider): \(status.origin ?? "no address yet")"
    if let problem = status.problem { return [place, problem] }
    let runs = "It runs version \(status.version ?? "?"), build \(status.build ?? "?")."
    let usage = "Connections and what it uses of the plan are shown at \(status.usagePage)."
    if status.upToDate == true { return [place, runs + " It is up to date.", usage] }
    let brings = status.carries.map { "brings version \($0.version), build \($0.build)" } ?? "brings it up to date"
    return [place, runs, "codex-remote self-host upgrade \(brings).", usage]
  }
}

/// What a relay says of itself to whoever asks.
struct RelayHealth: Decodable {
  enum Answer {
    case answers(RelayHealth)
    /// Why there is none, as a sentence.
    case fails(String)
  }

  let version: String
  let build: String

  static func ask(_ origin: String) async -> Answer {
    do {
      let response = try await IO.request(HTTPRequest("GET", origin + "/health", timeout: .seconds(10)))
      guard let health = try? JSONDecoder().decode(RelayHealth.self, from: Data(response.body)) else {
        return .fails("\(origin)/health answers with status \(response.status)")
      }
      return .answers(health)
    } catch { return .fails("\(error)") }
  }
}

/// `self-host logs`: the newest lines.
struct SelfHostLogsCommand: SelfHostAction {
  var options = SelfHostOptions()

  static let command = Command(
    "logs", "Show the relay's newest log lines.", SelfHostLogsCommand.self, parameters: whichRelay)

  func run() async throws {
    let hosting = try SelfHosting()
    let provider = try await hosting.provider(of: options.record(in: hosting.book))
    _ = try await provider.authenticate()
    let lines = try await provider.logs(limit: 100)
    await IO.stop()
    if options.json { return writeAll(Arguments.json(lines) + "\n", to: 1) }
    for line in lines { writeAll(oneLine(line) + "\n", to: 1) }
  }
}
