import FoundationEssentials

/// A new folder that only this test uses; the caller removes it.
func temporaryFolder() throws -> String {
  let path = FileManager.default.temporaryDirectory.path() + "/self-host-\(UInt64.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}
