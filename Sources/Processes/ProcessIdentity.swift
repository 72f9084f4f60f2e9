#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which process is meant, well enough to find it again after this one was restarted: an id is used again, an id
/// with its start time within one boot is not.
public struct ProcessIdentity: Sendable, Codable, Hashable {
  public let pid: Int32
  /// When the kernel started it, in the kernel's own form.
  public let startedAt: String
  /// Which boot of the machine that was.
  public let bootID: String

  public init(pid: Int32, startedAt: String, bootID: String) {
    self.pid = pid
    self.startedAt = startedAt
    self.bootID = bootID
  }

  /// The identity of the process that has an id now, ended or not, or nil where there is none.
  public init?(of pid: Int32) {
    guard let entry = KernelEntry(pid: pid) else { return nil }
    self.init(pid: pid, startedAt: entry.startedAt, bootID: Self.currentBootID)
  }

  /// This process.
  public static var current: ProcessIdentity {
    ProcessIdentity(of: getpid()) ?? ProcessIdentity(pid: getpid(), startedAt: "", bootID: currentBootID)
  }

  /// Whether that very process runs; one that ended and waits to be collected does not.
  public var isRunning: Bool {
    guard bootID == Self.currentBootID, let entry = KernelEntry(pid: pid) else { return false }
    return entry.startedAt == startedAt && !entry.hasEnded
  }
}
