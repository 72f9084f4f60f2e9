#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a program lies, or nil where it is not found.
///
/// Folders of the search path that are no absolute paths are passed over, so that what lies in the current directory
/// is never run by its name alone.
/// - Parameters:
///   - name: a name to look for, or a path, which is taken as it is.
///   - searchPath: folders with colons between them, as `PATH` has them.
public func findExecutable(_ name: String, searchPath: String?) -> String? {
  if name.contains("/") { return isExecutable(name) ? name : nil }
  guard !name.isEmpty else { return nil }
  let folders = (searchPath ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").filter { $0.hasPrefix("/") }
  return folders.lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
}

private func isExecutable(_ path: String) -> Bool {
  var info = stat()
  return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
}
