#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the kernel says of a process, until its parent has collected it.
struct KernelEntry {
  var startedAt: String
  /// It is a zombie.
  var hasEnded: Bool

  #if os(Linux)
    /// Reads `/proc/PID/stat` (proc(5)): `pid (name) state …`, the start time in clock ticks as the 22nd field.
    init?(pid: Int32) {
      guard let text = readSmallFile("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
      let fields = text[end...].split(separator: " ")
      guard fields.count > 20 else { return nil }
      startedAt = String(fields[20])
      hasEnded = fields[1] == "Z" || fields[1] == "X"
    }
  #else
    init?(pid: Int32) {
      var query: [Int32] = [CTL_KERN, KERN_PROC, KERN_PROC_PID, pid]
      var info = kinfo_proc()
      var size = MemoryLayout<kinfo_proc>.stride
      guard sysctl(&query, UInt32(query.count), &info, &size, nil, 0) == 0, size > 0 else { return nil }
      let start = info.kp_proc.p_un.__p_starttime
      startedAt = "\(start.tv_sec).\(start.tv_usec)"
      hasEnded = Int32(info.kp_proc.p_stat) == SZOMB
    }
  #endif
}

extension ProcessIdentity {
  /// The boot the machine is in; it does not change while this process lives.
  static let currentBootID: String = {
    #if os(Linux)
      let text = readSmallFile("/proc/sys/kernel/random/boot_id") ?? ""
      return String(text.prefix { $0 != "\n" })
    #else
      var text = [CChar](repeating: 0, count: 64)
      var size = text.count
      guard sysctlbyname("kern.bootsessionuuid", &text, &size, nil, 0) == 0 else { return "" }
      return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #endif
  }()
}

/// The first 4 KiB of one of the kernel's files.
private func readSmallFile(_ path: String) -> String? {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = read(file, &bytes, bytes.count)
  return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
}
