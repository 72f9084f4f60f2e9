#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Opens a page in the person's browser where there is a desktop to show it, and does nothing elsewhere: in an SSH
/// session the browser would open on the wrong machine.
/// - Returns: whether a browser was asked.
@discardableResult
public func openInBrowser(_ url: String, environment: [String: String]) async -> Bool {
  guard let launch = browserLaunch(for: url, environment: environment) else { return false }
  // xdg-open may be the browser itself, which goes on; its first seconds tell whether there is one.
  guard
    let child = try? withDescriptor(
      "/dev/null", O_RDWR,
      { null throws(ProcessError) in
        try ChildProcess.spawn(launch, input: null, output: null, errors: null, leavesGroup: true)
      })
  else { return false }
  let ending = await withTaskGroup(of: Ending?.self) { group in
    group.addTask { try? await child.ended() }
    group.addTask {
      try? await Task.sleep(for: .seconds(2))
      return nil
    }
    defer { group.cancelAll() }
    return await group.next() ?? nil
  }
  return ending == nil || ending == .exited(0)
}

/// The program that opens a page, or nil where there is no desktop or the page is none of the web's.
func browserLaunch(for url: String, environment: [String: String]) -> Launch? {
  guard url.hasPrefix("https://") || url.hasPrefix("http://") else { return nil }
  func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
  guard !isSet("SSH_CONNECTION"), !isSet("SSH_TTY") else { return nil }
  #if canImport(Darwin)
    return Launch("/usr/bin/open", [url], environment: environment)
  #else
    guard isSet("DISPLAY") || isSet("WAYLAND_DISPLAY"),
      let program = findExecutable("xdg-open", searchPath: environment["PATH"])
    else { return nil }
    return Launch(program, [url], environment: environment)
  #endif
}
