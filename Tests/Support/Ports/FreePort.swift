#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A port of 127.0.0.1 that nothing listens on, for a server that begins to listen later.
///
/// It lies below those that systems give to outgoing connections and to whoever asks for any port: one of these could
/// be taken between this look and the server's start.
public func freePort() -> Int {
  while true {
    let port = UInt16.random(in: 20_000..<32_000)
    if isFree(port) { return Int(port) }
  }
}

private func isFree(_ port: UInt16) -> Bool {
  #if canImport(Glibc)
    let stream = Int32(SOCK_STREAM.rawValue)
  #else
    let stream = SOCK_STREAM
  #endif
  let descriptor = socket(AF_INET, stream, 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  address.sin_port = port.bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
}
