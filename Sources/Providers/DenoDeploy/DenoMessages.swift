// What Deno Deploy's REST API v2 says and takes, as far as a relay needs it. No request schema is published: only
// fields that an example shows are sent, and unknown ones in answers are ignored.

struct DenoProblem: Decodable {
  struct Detail: Decodable {
    let code: String?
    let message: String?
  }
  let error: Detail
}

struct DenoApp: Decodable {
  struct Variable: Decodable { let key: String }
  let id: String
  let slug: String
  let labels: [String: String]?
  let envVars: [Variable]?
}

struct DenoRevision: Decodable {
  struct Failure: Decodable {
    let code: String?
    let message: String?
  }
  struct Timeline: Decodable {
    let name: String
    let hostnames: [String]?
  }
  let id: String
  let status: String
  let failureDetail: Failure?
  let timelines: [Timeline]?
  let labels: [String: String]?

  /// The addresses of the app, where this is the revision that they lead to.
  var hosts: [String] { (timelines ?? []).filter { $0.name.hasPrefix("Production") }.flatMap { $0.hostnames ?? [] } }
  /// The one that the platform gave it.
  var host: String? { hosts.first }
  var hasEnded: Bool { ["succeeded", "failed", "skipped"].contains(status) }
}

struct DenoVariable: Encodable, Sendable {
  let key: String
  let value: String
  let secret: Bool
  let contexts = ["production"]
  private enum CodingKeys: CodingKey { case key, value, secret, contexts }
}

struct DenoConfig: Encodable, Sendable {
  struct Runtime: Encodable, Sendable {
    let type = "dynamic"
    let entrypoint: String
    private enum CodingKeys: CodingKey { case type, entrypoint }
  }
  let runtime: Runtime
}

struct DenoNewApp: Encodable, Sendable {
  let slug: String
  let labels: [String: String]
  let config: DenoConfig
  let envVars: [DenoVariable]
}

struct DenoChanges: Encodable, Sendable {
  var labels: [String: String]?
  var config: DenoConfig?
  var envVars: [DenoVariable]?
}

struct DenoNewDatabase: Encodable, Sendable {
  struct Connection: Encodable, Sendable { let engine: String }
  let slug: String
  let connection: Connection
}

struct DenoDeployment: Encodable, Sendable {
  struct File: Encodable, Sendable {
    let kind = "file"
    let encoding = "utf-8"
    let content: String
    private enum CodingKeys: CodingKey { case kind, encoding, content }
  }
  struct Production: Encodable, Sendable {
    struct Database: Encodable, Sendable {
      let instance: String
      let name: String
    }
    let databases: [Database]
  }
  let assets: [String: File]
  let labels: [String: String]
  let production: Production
}
