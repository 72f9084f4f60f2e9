/// The protocol between page, relay and anchor (docs/protocol.md).
public enum RelayProtocol {
  /// The versions that this anchor speaks; it asks a relay for the greatest.
  public static let versions = 1...1
}
