/// The sign-ins that this anchor met, and those of them that were revoked: news of a revocation and the end of the page's
/// own connection travel apart, and in between the page must not open a session again.
struct SignIns {
  /// How many of each are remembered, the newest: far more than an account may have at once.
  private static let limit = 1024

  private var met = Remembered()
  private var revoked = Remembered()

  /// Called for each frame of a page.
  /// - Returns: whether the frame may be taken.
  mutating func admits(_ signin: String) -> Bool {
    if revoked.contains(signin) { return false }
    met.add(signin, limit: Self.limit)
    return true
  }

  mutating func revoke(_ signin: String) { revoked.add(signin, limit: Self.limit) }

  /// Revokes all of which this anchor can know; a later sign-in has another id.
  mutating func revokeAll() { for signin in met.order { revoke(signin) } }

  private struct Remembered {
    private var known: Set<String> = []
    private(set) var order: [String] = []

    func contains(_ signin: String) -> Bool { known.contains(signin) }

    mutating func add(_ signin: String, limit: Int) {
      guard known.insert(signin).inserted else { return }
      order.append(signin)
      if order.count > limit { known.remove(order.removeFirst()) }
    }
  }
}
