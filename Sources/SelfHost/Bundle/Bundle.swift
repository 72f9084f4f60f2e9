import Cryptography
import FoundationEssentials
public import Providers

/// Turns the templates and the web client into the files of one relay.
///
/// Equal sources give equal bytes, whatever machine they are bundled on (with one version of zlib).
public func bundle(_ sources: SourceFiles, for adapter: Adapter) throws(BundleError) -> Upload {
  let core = sources.deployed("templates/orbit")
  let code = sources.deployed("templates/\(adapter.folder)")
  guard !core.isEmpty else { throw BundleError("The relay's core is missing: templates/orbit has no file.") }
  guard !code.isEmpty else { throw BundleError("There is no adapter in templates/\(adapter.folder).") }
  let assets = try WebAssets(sources.deployed("web"))
  // Folders keep their places, so that what is deployed imports as what one reads in the repository.
  var files = adapter.extra
  for (path, bytes) in core { files["orbit/\(path)"] = bytes }
  for (path, bytes) in code { files["\(adapter.folder)/\(path)"] = bytes }
  files["assets.js"] = assets.module
  guard files[adapter.entry] != nil else {
    throw BundleError("The module that starts the relay is missing: templates/\(adapter.entry).")
  }
  return Upload(files: files, entry: adapter.entry, build: assets.build, digest: digest(of: files))
}

/// 16 hex digits of a SHA-256 over paths and contents, each with its length, so that no two sets of files look alike.
func digest(of files: [String: [UInt8]]) -> String {
  var all: [UInt8] = []
  for (path, bytes) in files.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
    all += Array("\(path.utf8.count) \(path) \(bytes.count)\n".utf8) + bytes
  }
  return hexadecimal(sha256(all).prefix(8))
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
