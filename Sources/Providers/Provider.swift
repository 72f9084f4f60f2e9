/// A place where a relay can run, and what one can ask of it.
///
/// The deploy plan (SelfHost) calls these in order: `authenticate`, `look`, `configure`, `upload`, `activate`,
/// `address`; after a failed verification `rollBack`. Each can be called again after it failed or after the program
/// died: a provider changes only what is not already as asked. No implementation knows another or the plan.
///
/// Two shapes of platform fit: one where an upload is live at once and its address is known before (Cloudflare), and
/// one where a revision is built first and tells its address afterwards (Deno Deploy).
public protocol Provider: Sendable {
  /// The word people choose it by, and the title of its line in reports.
  var name: String { get }

  /// The code below `templates/` that carries the core on this platform.
  var adapter: Adapter { get }

  /// The address is known only after the first revision runs: the relay is told it then, with the deploy key.
  /// Otherwise the provider gives the relay its address as the variable `ORIGIN`.
  var tellsAddressLate: Bool { get }

  /// Finds credentials and proves that they permit all that follows, before anything is created.
  ///
  /// - Returns: whose account it is and what runs there, for a person to read.
  /// - Throws: ``ProviderError`` that names the credential or permission that is missing.
  func authenticate() async throws -> Account

  /// Looks at what has the relay's name there; changes nothing.
  func look() async throws -> Found

  /// The names of the relays of ours that are there, whoever made them; after ``authenticate()``.
  func relays() async throws -> [String]

  /// Sets the relay's variables and secrets. Those not named keep their values.
  ///
  /// A platform that takes them with the code only keeps them until the next ``upload(_:)``.
  func configure(_ settings: Settings) async throws

  /// Brings the code there. It need not be live yet.
  func upload(_ upload: Upload) async throws -> Revision

  /// Makes a revision the one that answers, and waits until the platform says so.
  func activate(_ revision: Revision) async throws

  /// Where the relay is; nil while the platform has not given it an address.
  func address() async throws -> RelayAddress?

  /// The relay's newest log lines, oldest first, at most `limit`.
  func logs(limit: Int) async throws -> [String]

  /// Makes an earlier revision the one that answers.
  ///
  /// - Parameter withItsSecrets: even if that brings back secrets that it had and that were changed since.
  func rollBack(to revision: Revision, withItsSecrets: Bool) async throws

  /// Removes the relay and all that it stored there.
  func destroy() async throws
}

extension Provider {
  public var tellsAddressLate: Bool { false }
  public func relays() async throws -> [String] { [] }
}

/// The part of the templates that one platform needs.
public struct Adapter: Sendable, Equatable {
  /// Its folder below `templates/`.
  public let folder: String
  /// The module that starts it, by its path in the upload.
  public let entry: String
  /// Files that the platform wants beside the code, such as its configuration.
  public let extra: [String: [UInt8]]

  public init(folder: String, entry: String, extra: [String: [UInt8]] = [:]) {
    (self.folder, self.entry, self.extra) = (folder, entry, extra)
  }
}

/// Who pays for what runs there, and on what.
public struct Account: Sendable, Equatable {
  /// Unique at the provider; empty where there is only one.
  public let id: String
  /// For a person to read.
  public let description: String

  public init(id: String, description: String) { (self.id, self.description) = (id, description) }
}

/// What has the relay's name at a provider.
public enum Found: Sendable, Equatable {
  case nothing
  /// A relay of ours, with the revision that answers now, if any does.
  case relay(Revision?)
  /// Something else, which is never overwritten unless the user says so. Says what it is.
  case foreign(String)
}

/// One uploaded state of the code.
public struct Revision: Sendable, Equatable, Codable {
  public let id: String
  /// The digest of the upload it came from, where the platform remembers it: equal means nothing is to be uploaded.
  public let digest: String?

  public init(id: String, digest: String? = nil) { (self.id, self.digest) = (id, digest) }
}

/// Where a relay is.
public struct RelayAddress: Sendable, Equatable {
  /// What people open and what the relay is pinned to: scheme, host and port, without a trailing slash.
  public let origin: String
  /// Where this program reaches it: the origin, or a loopback address behind it, which is then asked with the
  /// origin's Host.
  public let url: String

  public init(origin: String, url: String? = nil) { (self.origin, self.url) = (origin, url ?? origin) }

  /// The origin's host and port, as a Host header has them.
  public var host: String { String(origin.split(separator: "/", maxSplits: 2).last ?? "") }
}

/// What the relay reads from its environment.
public struct Settings: Sendable {
  public var variables: [String: String]
  public var secrets: [String: String]

  public init(variables: [String: String] = [:], secrets: [String: String] = [:]) {
    (self.variables, self.secrets) = (variables, secrets)
  }
}

/// The files to run, and which of them starts.
public struct Upload: Sendable, Equatable {
  /// Contents by path; paths are relative, plain and never climb.
  public let files: [String: [UInt8]]
  public let entry: String
  /// What the relay's `/health` says once these files answer.
  public let build: String
  /// 16 hex digits of a SHA-256 over all files, the relay's code too.
  public let digest: String

  public init(files: [String: [UInt8]], entry: String, build: String, digest: String) {
    (self.files, self.entry, self.build, self.digest) = (files, entry, build, digest)
  }
}

/// What went wrong at a provider and what to do next, in one sentence.
public struct ProviderError: Error, Equatable, CustomStringConvertible {
  /// What a caller may act on; everything else is for the person alone.
  public enum Code: Sendable, Equatable {
    case missingProgram, oldProgram, addressInUse, notReady, storage
    /// No credential, or one that does not permit what is asked.
    case credentials
    /// Something must be chosen and nobody can be asked.
    case choice
    case nameTaken, foreign, limit, unreachable, other
  }
  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }
}
