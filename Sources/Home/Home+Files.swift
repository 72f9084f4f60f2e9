public import FoundationEssentials

extension Home {
  /// Replaces a file in one step: whoever reads it sees the old bytes or the new ones, and after a power failure too.
  /// It is readable by its owner alone from its first byte. The folders above it are made.
  public func write(_ bytes: some ContiguousBytes, to name: String) throws(HomeError) {
    try replaceFile(try pathToWrite(name), with: bytes)
  }

  /// A file's bytes, or nil where there is no such file.
  public func read(_ name: String) throws(HomeError) -> Data? { try readFile(try path(of: name)) }
}
