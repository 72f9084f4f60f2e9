import Synchronization

@testable import Arguments

enum Provider: String, CaseIterable, ArgumentValue { case cloudflare, deno }

struct Failure: Error, CustomStringConvertible {
  let description = "The relay does not answer. Start it and try again."
}

/// An action with every kind of parameter.
struct Deploy: Action, Equatable {
  var provider: Provider?
  var name = "relay"
  var port: Port?
  var tags: [String] = []
  var attach: String?
  var login: Bool?
  var isJSON = false
  var mode = ""
  var target: String?
  var rest: [String] = []
  var wantsJSON: Bool { isJSON }

  func run() async throws {
    switch mode {
    case "fail": throw Failure()
    case "exit": throw Exit(3)
    case "usage": throw UsageError("--name and --tag exclude each other")
    case "cancel": throw CancellationError()
    default: break
    }
  }

  static let command = Command(
    "deploy", "Deploy the relay.", Deploy.self,
    parameters: [
      .option("--provider", "-p", to: \.provider, "NAME", "Where."),
      .option("--name", to: \.name, "NAME", "Its name."),
      .option("--port", to: \.port, "N", "Its port."),
      .option("--tag", adding: \.tags, "TAG", "A tag; may be given again."),
      .option("--attach", to: \.attach, alone: "default", "PATH", "Attach."),
      .flag("--login", to: \.login, as: true, "Sign in."), .flag("--no-login", to: \.login, as: false, "Do not."),
      .json(to: \.isJSON), .argument("MODE", to: \.mode, "What to do."),
      .argument("TARGET", to: \.target, "What with."), .rest("WORD", to: \.rest, "More."),
    ],
    commands: [Command("status", "Show the relay.", Empty.self)],
    examples: [.init("tool deploy go", "Deploys it."), "tool deploy go --json"])
}

struct Empty: Action { func run() async throws {} }

let tool = Command(
  "tool", "A tool.",
  commands: [
    Deploy.command, Command("secret", "Hidden.", Empty.self, isHidden: true), Command("doctor", "Look.", Empty.self),
    .completion(for: "tool"),
  ], version: "1.2.3", versionJSON: #"{"version":"1.2.3"}"#)

func parse(_ words: String...) throws -> Deploy? {
  guard case .run(let action, "tool deploy") = try tool.parse(["deploy"] + words) else { return nil }
  return action as? Deploy
}

/// Runs the tool and returns what it did.
func run(_ words: String...) async -> (code: Int32, output: String, errors: String) {
  let (output, errors) = (Collector(), Collector())
  let code = await tool.main(words, streams: Streams(output: output.add, errors: errors.add))
  return (code, output.text, errors.text)
}

private final class Collector: Sendable {
  private let parts = Mutex("")
  func add(_ part: String) { parts.withLock { $0 += part } }
  var text: String { parts.withLock { $0 } }
}
