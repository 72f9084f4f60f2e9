extension Terminal {
  /// Runs a step under a line of its own. On a terminal the line turns while the step lasts, and then says whether it
  /// worked and how long it took; elsewhere the title is written once. One step at a time.
  public func step<Result>(_ title: String, _ body: () async throws -> Result) async throws -> Result {
    guard info.isTerminal else {
      line(title)
      return try await body()
    }
    let title = String(title.prefix(max(8, info.columns - 12)))
    let start = ContinuousClock.now
    func finish(_ mark: String, _ style: Style) {
      let time = styled(seconds(ContinuousClock.now - start), .dim)
      showLive("")
      line("\(styled(mark, style)) \(title)  \(time)")
    }
    do {
      let result = try await whileTurning(title, body)
      finish("✓", .green)
      return result
    } catch {
      finish("✗", .red)
      throw error
    }
  }

  private func whileTurning<Result>(_ title: String, _ body: () async throws -> Result) async throws -> Result {
    // Leaving this function cancels it and waits for it.
    async let _ = turn(title)
    return try await body()
  }

  @concurrent private func turn(_ title: String) async {
    var frame = 0
    while !Task.isCancelled {
      showLive("\(styled(Self.frames[frame], .cyan)) \(title)")
      frame = (frame + 1) % Self.frames.count
      try? await Task.sleep(for: .milliseconds(80))
    }
  }

  private static let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
}

/// A duration for people: `0.4 s`, `12 s`, `2 min 5 s`.
func seconds(_ duration: Duration) -> String {
  let tenths = duration.components.seconds * 10 + duration.components.attoseconds / 100_000_000_000_000_000
  if tenths < 100 { return "\(tenths / 10).\(tenths % 10) s" }
  return tenths < 600 ? "\(tenths / 10) s" : "\(tenths / 600) min \(tenths / 10 % 60) s"
}
