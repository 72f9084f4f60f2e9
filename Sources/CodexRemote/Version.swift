import Anchor

/// This program's version.
let version = "0.1.0"

/// What `--version` tells.
struct Version: Encodable {
  /// The versions of the protocol between page, relay and anchor (docs/protocol.md) that this program speaks.
  struct Protocols: Encodable {
    let min: Int
    let max: Int
  }

  let version: String
  /// The short hash of the source's commit, with `-dirty` after it for source that was edited since; or `unknown`.
  let commit: String
  let `protocol`: Protocols

  /// - Parameter version: the program's own.
  init(_ version: String) {
    self.version = version
    commit = sourceCommit
    let protocols = RelayProtocol.versions
    `protocol` = Protocols(min: protocols.lowerBound, max: protocols.upperBound)
  }

  var text: String {
    let spoken = `protocol`.min == `protocol`.max ? "\(`protocol`.min)" : "\(`protocol`.min) to \(`protocol`.max)"
    return "codex-remote \(version), commit \(commit), protocol \(spoken)"
  }
}
