/// How long to wait before the next attempt: full jitter over a doubling bound, so that a thousand anchors that lost
/// one relay do not come back in step.
struct Backoff: Sendable {
  var first = Duration.milliseconds(500)
  var most = Duration.seconds(30)
  private var attempts = 0

  /// From this long on, an attempt that went well counts as health: the next wait is short again.
  static let healthyAfter = Duration.seconds(10)

  init(first: Duration = .milliseconds(500), most: Duration = .seconds(30)) {
    self.first = first
    self.most = most
  }

  /// Nothing failed since the last health.
  var isFresh: Bool { attempts == 0 }

  mutating func reset() { attempts = 0 }

  mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    let bound = min(most, first * (1 << min(attempts, 16)))
    attempts += 1
    return bound * Double.random(in: 0...1, using: &random)
  }

  mutating func next() -> Duration {
    var random = SystemRandomNumberGenerator()
    return next(using: &random)
  }
}
