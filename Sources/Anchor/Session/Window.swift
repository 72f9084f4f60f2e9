/// How many bytes a session may have unacknowledged: about 250 ms of the rate at which they were acknowledged, within
/// bounds. So a slow phone has little in flight before it, and a fast one is never idle.
struct Window: Sendable {
  private(set) var size = Limits.smallestWindow
  private var rate = 0.0  // bytes a second
  private var sampleStart: ContinuousClock.Instant?
  private var sampleBytes = 0
  /// Whether the window held something back since the sample began. Without that the rate is the sender's own.
  private var wasLimited = false

  static let span = 0.25
  private static let shortestSample = Duration.milliseconds(20)

  /// Bytes leave while nothing was unacknowledged: what is measured starts here.
  mutating func started(at now: ContinuousClock.Instant) {
    sampleStart = now
    sampleBytes = 0
    wasLimited = false
  }

  mutating func limited() { wasLimited = true }

  mutating func acknowledged(_ bytes: Int, at now: ContinuousClock.Instant) {
    guard let start = sampleStart else { return }
    sampleBytes += bytes
    let elapsed = start.duration(to: now)
    guard elapsed >= Self.shortestSample || sampleBytes >= size else { return }
    let measured = Double(sampleBytes) / max(0.000_1, elapsed / .seconds(1))
    // Faster is believed at once; slower only where the window, not a lack of data, set the pace.
    if measured > rate { rate = measured } else if wasLimited { rate += (measured - rate) / 4 }
    size = Int(min(max(rate * Self.span, Double(Limits.smallestWindow)), Double(Limits.largestWindow)))
    sampleStart = now
    sampleBytes = 0
    wasLimited = false
  }
}
