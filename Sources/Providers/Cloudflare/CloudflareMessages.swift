// What Cloudflare's API says and takes, as far as a relay needs it (https://developers.cloudflare.com/api).

struct CloudflareEnvelope<Result: Decodable>: Decodable {
  struct Problem: Decodable {
    let code: Int
    let message: String
  }
  let success: Bool
  let errors: [Problem]?
  let result: Result?
}

/// A result that is not looked at.
struct CloudflareNothing: Decodable {}

struct CloudflareAccount: Decodable, Sendable {
  let id: String
  let name: String
}

struct CloudflareScript: Decodable, Sendable { let id: String }

struct CloudflareDomain: Codable, Sendable { let hostname: String, service: String }

struct CloudflareSubdomain: Codable, Sendable { let subdomain: String }

struct CloudflareDeployments: Decodable {
  struct Deployment: Decodable {
    struct Version: Decodable {
      let versionId: String
      let percentage: Double
    }
    let versions: [Version]
  }
  /// Newest first; the first is live.
  let deployments: [Deployment]
}

struct CloudflareVersion: Decodable {
  struct Resources: Decodable { let bindings: [Binding]? }
  struct Binding: Decodable {
    let name: String
    let type: String
    let text: String?
  }
  let id: String
  let annotations: [String: String]?
  let resources: Resources?

  var tag: String { annotations?["workers/tag"] ?? "" }
  func has(_ name: String, type: String) -> Bool {
    resources?.bindings?.contains { $0.name == name && $0.type == type } ?? false
  }
}

struct CloudflareUploaded: Decodable {
  /// The version's id without its hyphens.
  let deploymentId: String?
}

/// The `metadata` part of a module upload.
struct CloudflareMetadata: Encodable {
  struct Binding: Encodable {
    var type: String
    var name: String
    var text: String?
    var className: String?
  }
  struct Export: Encodable {
    let type = "durable-object"
    let storage = "sqlite"
    private enum CodingKeys: CodingKey { case type, storage }
  }
  struct Migrations: Encodable {
    struct Step: Encodable { let newSqliteClasses: [String] }
    let newTag: String
    let steps: [Step]
  }
  struct UpdateStrategy: Encodable {
    let mode: String
    private enum CodingKeys: CodingKey { case mode }
  }
  struct Observability: Encodable { let enabled: Bool }

  let mainModule: String
  let compatibilityDate: String
  var bindings: [Binding]
  var exports: [String: Export]?
  var migrations: Migrations?
  /// Secrets that this upload does not name keep their values.
  let keepBindings = ["secret_text"]
  /// Frames wait in the sessions, so nothing is lost by restarting the objects at once.
  let codeUpdateStrategy = UpdateStrategy(mode: "immediate")
  let observability = Observability(enabled: false)
  /// Finds the Worker among the others of the account.
  let tags = [Cloudflare.scriptTag]
  let annotations: [String: String]

  private enum CodingKeys: CodingKey {
    case mainModule, compatibilityDate, bindings, exports, migrations, keepBindings, codeUpdateStrategy
    case observability, annotations, tags
  }
}
