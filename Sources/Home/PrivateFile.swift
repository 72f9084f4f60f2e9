import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a new file, mode 0600, beside the old one and puts it in its place.
/// - Parameter writing: `write(2)`, which a test replaces to run out of space.
func replaceFile(
  _ path: String, with bytes: some ContiguousBytes,
  writing: (Int32, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }
) throws(HomeError) {
  let slash = path.lastIndex(of: "/") ?? path.startIndex
  let folder = String(path[..<slash])
  let unique = String(UInt64.random(in: 0 ... .max), radix: 36)
  let temporary = "\(folder)/.\(path[path.index(after: slash)...]).\(unique).new"
  let file = retried { open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
  guard file >= 0 else { throw .system(errno, path, "written") }
  var failure = writeAll(bytes, to: file, writing)
  // A umask of 0777 would lock the owner out; some systems tell of a full disk only here, or at close.
  if failure == 0, fchmod(file, 0o600) != 0 || retried({ fsync(file) }) != 0 { failure = errno }
  if close(file) != 0, failure == 0, errno != EINTR { failure = errno }
  if failure == 0, rename(temporary, path) != 0 { failure = errno }
  guard failure == 0 else {
    unlink(temporary)
    throw .system(failure, path, "written")
  }
  // The new name survives a power failure only once the folder is written too. Not every file system lets one ask.
  let directory = retried { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  if directory >= 0 {
    _ = fsync(directory)
    close(directory)
  }
}

/// A file's bytes, or nil where there is no such file.
func readFile(_ path: String) throws(HomeError) -> Data? {
  let file = retried { open(path, O_RDONLY | O_CLOEXEC) }
  guard file >= 0 else {
    if errno == ENOENT { return nil }
    throw .system(errno, path, "read")
  }
  defer { close(file) }
  // Straight into the result, so that a key leaves no second copy behind.
  var info = stat()
  var data = Data(count: fstat(file, &info) == 0 ? Int(info.st_size) + 1 : 4096)
  var end = 0
  while true {
    let count = data.withUnsafeMutableBytes { bytes in
      retried { read(file, bytes.baseAddress.map { $0 + end }, bytes.count - end) }
    }
    guard count >= 0 else { throw .system(errno, path, "read") }
    if count == 0 { return data.prefix(end) }
    end += count
    if end == data.count { data.append(Data(count: 65536)) }
  }
}

/// Calls again while a signal interrupts.
func retried<Number: SignedInteger>(_ call: () -> Number) -> Number {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

/// 0, or the error number.
private func writeAll(
  _ bytes: some ContiguousBytes, to file: Int32, _ writing: (Int32, UnsafeRawPointer?, Int) -> Int
) -> Int32 {
  bytes.withUnsafeBytes { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let count = retried { writing(file, part.baseAddress, part.count) }
      guard count > 0 else { return count < 0 ? errno : ENOSPC }
      rest = rest.dropFirst(count)
    }
    return 0
  }
}
