/// The session layer's numbers, from docs/protocol.md. Sizes are bytes.
enum Limits {
  /// A whole frame on the relay's wire.
  static let frame = 61_440
  /// What a frame's two headers may take; the rest is for lines. Orbit's header to a browser is longer than ours.
  static let headers = 1_024
  /// The lines of one frame, their newlines included.
  static let lines = frame - headers
  static let smallestWindow = 64 << 10
  static let largestWindow = 512 << 10
  static let gatherAbove = 64 << 10
  static let gatherFor = Duration.milliseconds(10)
  /// Unsent bytes from which on deltas are merged and dropped.
  static let compactAbove = 256 << 10
  /// A merged delta stays below this, so that joining costs little and it fits into a frame.
  static let mergedDelta = 32 << 10
  /// Kept bytes, unsent and unacknowledged, past which a session is reset.
  static let backlog = 4 << 20
  static let message = 16 << 20
  /// What a kept message costs beside its bytes.
  static let overhead = 96
  static let abandonedAfter = Duration.seconds(24 * 60 * 60)
  static let sessions = 16
}
