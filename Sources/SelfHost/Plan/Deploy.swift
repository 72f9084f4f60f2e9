public import Providers
public import Transport

/// What is to be brought up, beside the sources.
public struct DeployOptions: Sendable {
  /// Given to the relay if it is new there, or if `sets` says so.
  public var settings: Settings
  /// The relay that is there already does not have these settings: they are set even if its code is right.
  public var sets = true
  /// Something else has the relay's name and is to be overwritten.
  public var adopts = false
  /// The account that has the relay already; empty where none is known.
  public var account = ""
  /// Show what would be done and stop before the relay is asked anything.
  public var rehearses = false
  /// Proves that two ends can speak through the relay.
  public var roundTrip = RoundTrip.real
  /// Called before anything is made or changed at the provider: until then there is nothing to remember.
  public var willChange: @Sendable () throws -> Void = {}
  /// How long the relay's address may take to answer with the new build.
  public var patience = Duration.seconds(20)

  public init(settings: Settings) { self.settings = settings }
}

/// A relay that was brought up and found in order.
public struct Deployment: Sendable, Equatable {
  public let address: RelayAddress
  public let build: String
  public let revision: Revision
  /// What answered before, nil if nothing did or if it is the same.
  public let previous: Revision?
  public let account: Account
  /// Nothing had to be done.
  public var isUnchanged: Bool { previous == nil && wasThere }
  let wasThere: Bool
}

/// Bundles the sources, brings them to the provider and proves that the relay there answers with them.
///
/// It can be run again at any time: what is already right is left alone. When the new revision fails its verification,
/// the one before is put back.
public func deploy(
  _ sources: SourceFiles, options: DeployOptions, to provider: any Provider, client: @escaping HTTPClient,
  report: @escaping Report
) async throws -> Deployment {
  let upload = try await perform(.bundle, report) {
    let upload = try bundle(sources, for: provider.adapter)
    let size = upload.files.values.reduce(0) { $0 + $1.count }
    return (upload, "\(upload.files.count) files, \((size + 1023) / 1024) KB, build \(upload.build)")
  }
  let (account, found) = try await perform(.account, report) {
    let account = try await authenticate(provider, account: options.account)
    let found = try await provider.look()
    if case .foreign(let what) = found, !options.adopts { throw ProviderError(.foreign, what) }
    return ((account, found), account.description)
  }
  var before: Revision?
  if case .relay(let revision) = found { before = revision }
  let isRight = before?.digest == upload.digest && !options.sets
  let (revision, address) = try await perform(.start, report) {
    let revision: Revision
    if isRight, let before {
      revision = before
    } else {
      try options.willChange()
      // A relay that has its settings keeps them.
      if options.sets || before == nil { try await provider.configure(options.settings) }
      revision = try await provider.upload(upload)
      try await provider.activate(revision)
    }
    guard let address = try await provider.address() else {
      throw ProviderError(.notReady, "\(provider.name) gave the relay no address: try again in a minute.")
    }
    return ((revision, address), address.origin + (isRight ? ", nothing to change" : ""))
  }
  let deployment = Deployment(
    address: address, build: upload.build, revision: revision, previous: before == revision ? nil : before,
    account: account, wasThere: before != nil)
  if options.rehearses { return deployment }
  do { try await prove(deployment, options: options, of: provider, client: client, report: report) } catch var error {
    if let failure = error as? VerificationError, failure != .otherKey, let line = await lastError(of: provider) {
      error = VerificationError("\(error) Its log says: \(line)")
    }
    guard let before, before != revision, !(error is CancellationError) else { throw error }
    // A run that sends the settings goes on with them the next time.
    do { try await provider.rollBack(to: before, withItsSecrets: options.sets) } catch let second {
      throw VerificationError("\(error) What ran before could not be put back: \(second)")
    }
    throw VerificationError("\(error) What ran before was put back.")
  }
  return deployment
}

/// Tells the relay its address, where only the provider knew it, and proves that it answers there as it should.
private func prove(
  _ deployment: Deployment, options: DeployOptions, of provider: any Provider, client: @escaping HTTPClient,
  report: @escaping Report
) async throws {
  let (address, build) = (deployment.address, deployment.build)
  var verification = Verification(
    address: address, client: client, roundTrip: options.roundTrip, patience: options.patience)
  let key = options.settings.secrets["DEPLOY_KEY"]
  if provider.tellsAddressLate, let key {
    verification.waits = { report(.waiting(.address, $0)) }
    try await perform(.address, report) {
      try await verification.reached(build: build)
      let deployer = Deployer(address: address, key: key, client: client)
      try await verification.settled { try await pin(deployer) }
      return ((), "\(address.origin), for good")
    }
  }
  verification.waits = { report(.waiting(.verify, $0)) }
  try await perform(.verify, report) {
    try await verification.run(build: build, deployKey: key)
    return ((), "health, build, headers, a round trip over WebSocket")
  }
}

/// Proves the token, and that what it is used for is the account that has the relay: the environment may name another.
///
/// - Parameter known: the id of that account; empty where none is known.
/// - Throws: ``ProviderError``.
@discardableResult
public func authenticate(_ provider: any Provider, account known: String) async throws -> Account {
  let account = try await provider.authenticate()
  guard known.isEmpty || known == account.id else {
    throw ProviderError(
      .foreign,
      "The relay is in account \(known), not in \(account.id): correct what the environment names, or choose another"
        + " --name.")
  }
  return account
}

/// Tells the relay its address; telling it again changes nothing.
private func pin(_ deployer: Deployer) async throws {
  struct Nothing: Encodable {}
  let response = try await deployer.onRelayTime().ask("/deploy/origin", Nothing())
  if response.status == 401 { throw VerificationError.otherKey }
  guard response.status == 200 else {
    throw VerificationError("The relay did not take its address (\(Deployer.reason(response))): run this again.")
  }
}

/// The newest line in which a relay that does not answer as it should says why; nil where it says nothing.
private func lastError(of provider: any Provider) async -> String? {
  guard let lines = try? await provider.logs(limit: 50) else { return nil }
  return lines.last { $0.lowercased().contains("error") }.map { String($0.prefix(300)) }
}
