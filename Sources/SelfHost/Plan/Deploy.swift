public import Providers
public import Transport

/// A relay that was brought up and found in order.
public struct Deployment: Sendable, Equatable {
  public let address: RelayAddress
  public let build: String
  public let revision: Revision
}

/// Bundles the sources, brings them to the provider and proves that the relay there answers with them.
///
/// It can be run again at any time: what is already right is left alone. When the new revision fails its verification,
/// the one before is put back.
public func deploy(
  _ sources: SourceFiles, settings: Settings, to provider: any Provider, client: @escaping HTTPClient,
  report: @escaping Report
) async throws -> Deployment {
  let upload = try await perform(.bundle, report) {
    let upload = try bundle(sources, for: provider.adapter)
    let size = upload.files.values.reduce(0) { $0 + $1.count }
    return (upload, "\(upload.files.count) files, \((size + 1023) / 1024) KB, build \(upload.build)")
  }
  let before = try await perform(.account, report) {
    let account = try await provider.authenticate()
    switch try await provider.look() {
    case .nothing: return (Revision?.none, account.description)
    case .relay(let revision): return (revision, account.description)
    case .foreign(let what): throw ProviderError(.other, what)
    }
  }
  let (revision, address) = try await perform(.start, report) {
    try await provider.configure(settings)
    let revision = try await provider.upload(upload)
    try await provider.activate(revision)
    guard let address = try await provider.address() else {
      throw ProviderError(.notReady, "\(provider.name) gave the relay no address: try again in a minute.")
    }
    return ((revision, address), address.origin)
  }
  do {
    try await perform(.verify, report) {
      try await Verification(address: address, client: client).run(build: upload.build)
      return ((), "health, build, headers, WebSocket")
    }
  } catch {
    if let before, before != revision { try? await provider.rollBack(to: before) }
    throw error
  }
  return Deployment(address: address, build: upload.build, revision: revision)
}
