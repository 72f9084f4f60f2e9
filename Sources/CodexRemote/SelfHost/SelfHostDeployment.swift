import Anchor
import Arguments
import Cryptography
import FoundationEssentials
import Home
import Providers
import SelfHost
import Synchronization
import Terminal
import Transport

/// One deploy: the record before, the plan, the record after, and what the person is to do then.
struct SelfHostDeployment: Sendable {
  let hosting: SelfHosting
  let platform: Platform
  let name: String
  var domain: String?
  var adopts = false
  var templates: String?
  var json = false
  /// The deploy key is made anew.
  var rotates = false

  struct Result: Sendable {
    let record: RelayRecord
    let deployment: Deployment
  }

  private var sources: SourceFiles {
    get throws { try templates.map { try SourceFiles(folder: $0) } ?? .embedded }
  }

  /// Shows every request that would change something, secrets masked, and sends none of them.
  func rehearse() async throws {
    let key = randomToken(bytes: 32)
    let hidden = Mutex([key])
    let show: @Sendable (HTTPRequest) -> Void = { request in
      let text = Self.described(request, hiding: hidden.withLock { $0 })
      writeAll(text + "\n", to: 1)
    }
    let client = platform.rehearsal(IO.client, show)
    let record = try hosting.book.load(platform.name, name)
    if let known = record?.deployKey { hidden.withLock { $0.append(known) } }
    let provider = try await hosting.provider(
      platform, name: name, domain: domain, adopts: adopts, record: record, client: client)
    var options = options(record?.deployKey ?? key, isKnown: record?.revision != nil && record?.isPending != true)
    options.account = record?.account ?? ""
    options.rehearses = true
    _ = try await deploy(
      sources, options: options, to: provider, client: client, report: { [hosting] in hosting.screen.show($0) })
    hosting.screen.line()
    hosting.screen.dim("Nothing was changed.")
    await IO.stop()
  }

  /// - Parameter asks: ask a person before anything is made that was not there.
  func run(asks: Bool) async throws -> Result {
    let book = hosting.book
    try hosting.home.prepare()
    let lock = try hosting.lock(platform.name, name)
    defer { lock.release() }
    let before = try book.load(platform.name, name)
    let provider = try await hosting.provider(platform, name: name, domain: domain, adopts: adopts, record: before)
    if before == nil, asks {
      let question = "  Make the relay \(name) in your \(platform.title) account?"
      if try await hosting.terminal.confirm(question, default: true) == false { throw Exit(1) }
    }
    var record =
      before ?? RelayRecord(provider: platform.name, name: name, account: "", deployKey: randomToken(bytes: 32))
    if rotates { record.deployKey = randomToken(bytes: 32) }
    let moves = try await isMove(from: before?.origin, asks: asks)
    if rotates || moves { record.isPending = true }
    let isKnown = before?.revision != nil && before?.isPending != true && !rotates && !moves
    var options = options(record.deployKey, isKnown: isKnown)
    options.account = record.account
    // Kept before it is sent: whatever happens after, the relay's deployer is still its deployer. A run that ends
    // before that leaves nothing that would have to be destroyed.
    options.willChange = { [record] in try book.save(record) }
    let deployment = try await deploy(
      sources, options: options, to: provider, client: IO.client, report: { [hosting] in hosting.screen.show($0) })
    record.isPending = nil
    record.account = deployment.account.id
    record.origin = deployment.address.origin
    record.build = deployment.build
    // What ran with other settings is nothing to go back to: its deploy key was replaced.
    record.previous = isKnown ? deployment.previous ?? record.previous : nil
    record.revision = deployment.revision
    record.deployed = .now
    try book.save(record)
    return Result(record: record, deployment: deployment)
  }

  /// Whether `--domain` gives the relay another address than it had, which a person must know about.
  private func isMove(from known: String?, asks: Bool) async throws -> Bool {
    guard let domain, let known, known != "https://\(domain)" else { return false }
    guard asks else { return true }
    hosting.screen.note("Passkeys of \(known) do not work at https://\(domain): everyone signs in anew there.")
    guard try await hosting.terminal.confirm("  Move the relay to \(domain)?", default: false) == true else {
      throw CommandError("The relay stays at \(known): say --yes to move it to \(domain).")
    }
    return true
  }

  private func options(_ key: String, isKnown: Bool) -> DeployOptions {
    var options = DeployOptions(settings: Settings(secrets: ["DEPLOY_KEY": key]))
    options.sets = !isKnown
    options.adopts = adopts
    options.patience = .seconds(180) * hosting.timeFactor
    return options
  }

  // MARK: - After

  private struct Report: Encodable {
    let provider: String
    let name: String
    let origin: String
    let build: String
    let changed: Bool
    let claim: String?
    let machine: String?
  }

  /// Makes the claim link or signs the machine in, and says what to open.
  func finish(_ result: Result, signsIn: Bool) async throws {
    let address = result.deployment.address
    let claimed = try await claimLink(address, result.record.deployKey, signsIn: signsIn)
    if json {
      let report = Report(
        provider: platform.name, name: name, origin: address.origin, build: result.deployment.build,
        changed: !result.deployment.isUnchanged, claim: claimed.link, machine: claimed.machine)
      writeAll(Arguments.json(report) + "\n", to: 1)
      return
    }
    let screen = hosting.screen
    screen.line()
    if let link = claimed.link {
      screen.line("  Open this link on your phone and make a passkey. It works once, within the hour:")
      screen.line()
      screen.link(link)
      show(qr: link)
    } else {
      screen.line("  Your relay is at:")
      screen.line()
      screen.link(address.origin)
    }
    screen.line()
    if signsIn { screen.dim("Then run codex-remote anchor here: it connects this machine.") }
  }

  private func show(qr link: String) {
    guard let code = qrCode(link, for: hosting.terminal.info) else { return }
    hosting.screen.line()
    for line in code.split(separator: "\n") { hosting.screen.line("  \(line)") }
  }

  private func claimLink(
    _ address: RelayAddress, _ deployKey: String, signsIn: Bool
  ) async throws -> (link: String?, machine: String?) {
    let store = MachineStore(home: hosting.home)
    let machineName = SignedIn.machineName
    let key = signsIn ? try store.keyOrNew(address.origin) : nil
    let machine = key.map { ClaimedMachine(name: machineName, key: $0.publicKey) }
    switch try await claim(address, machine: machine, deployKey: deployKey, client: IO.client) {
    case .link(let link, let user, let id, _):
      if let key, let id {
        try store.save(Machine(origin: address.origin, user: user, id: id, name: machineName, key: key))
      }
      return (link, id)
    case .owned:
      guard signsIn else { return (nil, nil) }
      if let known = try store.load(address.origin) { return (nil, known.id) }
      let signedIn = try SignedIn(environment: hosting.environment)
      let machine = try await LoginCommand.signIn(signedIn, address.origin, nil, hosting.terminal)
      return (nil, machine.id)
    }
  }

  // MARK: - Rehearsal

  /// A request as a person reads it: method, address and body without the code that it carries.
  private static func described(_ request: HTTPRequest, hiding secrets: [String]) -> String {
    var text = "\(request.method) \(request.url)"
    if let body = request.body {
      let type = request.headers["Content-Type"] ?? ""
      if type.hasPrefix("multipart/") {
        let parts = String(decoding: body, as: UTF8.self).matches(of: #/name="([^"]+)"/#).map { String($0.1) }
        text += "\n  \(body.count) bytes: \(Set(parts).count) parts"
        if let metadata = metadata(body) { text += "\n  \(metadata)" }
      } else {
        let shown = String(decoding: body.prefix(2000), as: UTF8.self)
        text += "\n  \(body.count > 2000 ? "\(body.count) bytes" : shown)"
      }
    }
    for secret in secrets { text.replace(secret, with: "•••") }
    return text
  }

  private static func metadata(_ body: [UInt8]) -> Substring? {
    let text = String(decoding: body.prefix(8000), as: UTF8.self)
    return text.split(separator: "\r\n", omittingEmptySubsequences: true).first { $0.hasPrefix("{") }
  }
}
