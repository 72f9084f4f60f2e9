import FoundationEssentials
import Providers
import SelfHost
import Testing

@Suite struct BundleTests {
  @Test func equalSourcesGiveEqualBytes() throws {
    let first = try bundle(sources(), for: adapter)
    #expect(try bundle(sources(), for: adapter) == first)
  }

  @Test func foldersKeepTheirPlaces() throws {
    let upload = try bundle(sources(), for: adapter)
    #expect(
      upload.files.keys.sorted() == ["assets.js", "deno.json", "deno/main.js", "orbit/core.js", "orbit/names/user.js"])
    #expect(upload.files["orbit/core.js"] == Array("export const core = 1;".utf8))
    #expect(upload.entry == "deno/main.js")
  }

  @Test func addressesTypesAndLifetimes() throws {
    let upload = try bundle(sources(), for: adapter)
    let assets = try Assets(upload)
    let build = upload.build
    #expect(assets.build == build)
    #expect(build.count == 16 && build.allSatisfy(\.isHexDigit))
    #expect(
      assets.files.mapValues { "\($0.type) \($0.immutable)" } == [
        "/": "text/html; charset=utf-8 false",
        "/sw.js": "text/javascript; charset=utf-8 false",
        "/manifest.webmanifest": "application/manifest+json false",
        "/\(build)/app.js": "text/javascript; charset=utf-8 true",
        "/\(build)/styles/base.css": "text/css; charset=utf-8 true",
        "/\(build)/icons/icon.svg": "image/svg+xml true",
        "/\(build)/files.json": "application/json true",
      ])
  }

  @Test func theBuildReplacesBaseInTheFixedFilesOnly() throws {
    let upload = try bundle(sources(), for: adapter)
    let assets = try Assets(upload)
    #expect(try assets.text("/") == "<script type=module src=\"/\(upload.build)/app.js\"></script>")
    #expect(try assets.text("/sw.js") == "const base = \"/\(upload.build)\";")
    #expect(try assets.text("/\(upload.build)/app.js") == "// {{base}} stays\n")
  }

  @Test func theListNamesEveryFileButItself() throws {
    let upload = try bundle(sources(), for: adapter)
    let assets = try Assets(upload)
    let list = "/\(upload.build)/files.json"
    let named = try JSONDecoder().decode([String].self, from: Data(assets.text(list).utf8))
    #expect(Set(named) == Set(assets.files.keys.filter { $0 != list }))
  }

  @Test(arguments: ["web/app.js", "web/index.html", "web/icons/icon.svg"])
  func aChangedFileChangesTheBuild(path: String) throws {
    var files = project
    files[path, default: []] += Array(" ".utf8)
    #expect(try bundle(SourceFiles(files), for: adapter).build != bundle(sources(), for: adapter).build)
  }

  @Test func aRenamedFileChangesTheBuild() throws {
    var files = project
    files["web/other.js"] = files.removeValue(forKey: "web/app.js")
    #expect(try bundle(SourceFiles(files), for: adapter).build != bundle(sources(), for: adapter).build)
  }

  @Test func changedRelayCodeChangesTheDigestButNotTheBuild() throws {
    var files = project
    files["templates/orbit/core.js"] = Array("export const core = 2;".utf8)
    let (old, new) = try (bundle(sources(), for: adapter), bundle(SourceFiles(files), for: adapter))
    #expect(old.build == new.build && old.digest != new.digest)
  }

  @Test(arguments: [
    ("web/a b.js", "web/a b.js has a character that an address would have to escape: rename it."),
    ("web/photo.xyz", "web/photo.xyz has an ending whose content type is not known: rename it."),
  ])
  func whatCannotBeServedIsRefused(path: String, sentence: String) {
    var files = project
    files[path] = []
    #expect(throws: BundleError(sentence)) { try bundle(SourceFiles(files), for: adapter) }
  }

  @Test func aMissingPageOrAdapterIsRefused() {
    let pageless = SourceFiles(project.filter { $0.key != "web/index.html" })
    #expect(throws: BundleError.self) { try bundle(pageless, for: adapter) }
    #expect(throws: BundleError("There is no adapter in templates/moon.")) {
      try bundle(sources(), for: Adapter(folder: "moon", entry: "moon/main.js"))
    }
  }

  @Test func aFolderReadsAsTheEmbeddedFilesDo() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (path, bytes) in project {
      let parent = "\(folder)/\(path)".split(separator: "/").dropLast().joined(separator: "/")
      try FileManager.default.createDirectory(atPath: "/" + parent, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(filePath: "\(folder)/\(path)"))
    }
    #expect(try SourceFiles(folder: folder) == sources())
    #expect(throws: BundleError.self) { try SourceFiles(folder: folder + "/web") }
  }
}

private let adapter = Adapter(folder: "deno", entry: "deno/main.js", extra: ["deno.json": Array("{}".utf8)])

private let project = [
  "templates/orbit/core.js": "export const core = 1;",
  "templates/orbit/names/user.js": "export {};",
  "templates/orbit/ports.d.ts": "export type Port = 1;",
  "templates/deno/main.js": "import \"../orbit/core.js\";",
  "templates/deno/.hidden.js": "",
  "templates/demo/model.js": "",
  "web/index.html": "<script type=module src=\"{{base}}/app.js\"></script>",
  "web/app.js": "// {{base}} stays\n",
  "web/sw.js": "const base = \"{{base}}\";",
  "web/manifest.webmanifest": "{}",
  "web/styles/base.css": "",
  "web/icons/icon.svg": "<svg/>",
  "web/README.md": "",
].mapValues { Array($0.utf8) }

private func sources() -> SourceFiles { SourceFiles(project) }

/// A reader of `assets.js` that holds to what its form promises: one file a line.
private struct Assets {
  struct File {
    let type: String, immutable: Bool, body: [UInt8]
  }
  let build: String
  let files: [String: File]

  init(_ upload: Upload) throws {
    let lines = String(decoding: try #require(upload.files["assets.js"]), as: UTF8.self).split(separator: "\n")
    build = String(try #require(lines.first?.wholeMatch(of: #/export const build = "(.*)";/#)?.1))
    let entry = #/  "([^"]*)": { type: "([^"]*)", immutable: (true|false), body: "([^"]*)" },/#
    var files: [String: File] = [:]
    for line in lines.dropFirst(2).dropLast() {
      let match = try #require(
        line.wholeMatch(of: entry))
      let body = Array(try #require(Data(base64Encoded: String(match.4))))
      files[String(match.1)] = File(type: String(match.2), immutable: match.3 == "true", body: body)
    }
    self.files = files
  }

  func text(_ path: String) throws -> String {
    let body = try gunzip(#require(files[path]).body, limit: 1 << 20)
    return String(decoding: body, as: UTF8.self)
  }
}
