// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .treatAllWarnings(as: .error),
]

/// The modules and the arrows between them are those of docs/architecture.md.
let package = Package(
  name: "codex-remote",
  // The standard library of Swift 6.2, whose spans the codec uses, is part of macOS from 26 on.
  platforms: [.macOS(.v26)],
  products: [.executable(name: "codex-remote", targets: ["CodexRemote"])],
  targets: [
    // System libraries, and the few C lines Swift cannot say.
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .systemLibrary(
      name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"]), .brew(["qrencode"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CSystem"),

    // Puts templates/ and web/ into SelfHost.
    .plugin(
      name: "EmbedFiles", capability: .buildTool(), dependencies: ["EmbedTool"], path: "Plugins/EmbedFiles",
      exclude: ["templates", "web"]),
    // Puts the name of the source's commit into the program.
    .plugin(name: "NameCommit", capability: .buildTool(), path: "Plugins/NameCommit"),
    .executableTarget(name: "EmbedTool", path: "Plugins/EmbedTool", swiftSettings: strict),

    // Small modules, each knowing nothing of the others.
    .target(name: "Arguments", swiftSettings: strict),
    .target(name: "Cryptography", dependencies: ["COpenSSL"], swiftSettings: strict),
    .target(name: "Processes", dependencies: ["CSystem"], swiftSettings: strict),
    .target(name: "Terminal", dependencies: ["CSystem", "CQREncode"], swiftSettings: strict),
    .target(name: "Home", dependencies: ["CSystem"], swiftSettings: strict),
    .target(
      name: "WebSocketCodec", swiftSettings: strict + [.enableExperimentalFeature("Lifetimes"), .strictMemorySafety()]),

    .target(
      name: "Transport", dependencies: ["CCurl", "CSystem", "WebSocketCodec"],
      swiftSettings: strict + [.enableExperimentalFeature("Lifetimes"), .strictMemorySafety()]),
    .target(
      name: "Anchor", dependencies: ["Transport", "Cryptography", "Processes", "Home"], swiftSettings: strict),
    .target(
      name: "Providers", dependencies: ["Transport", "Cryptography", "Processes", "Home"], swiftSettings: strict),
    .target(
      name: "SelfHost", dependencies: ["Providers", "Transport", "Cryptography", "Home", "CZlib"],
      swiftSettings: strict, plugins: ["EmbedFiles"]),
    .executableTarget(
      name: "CodexRemote",
      dependencies: [
        "Anchor", "SelfHost", "Providers", "Transport", "Arguments", "Terminal", "Processes", "Cryptography", "Home",
      ],
      swiftSettings: strict, plugins: ["NameCommit"]),

    // What several modules' tests need.
    .target(name: "Ports", path: "Tests/Support/Ports", swiftSettings: strict),
    .testTarget(name: "ArgumentsTests", dependencies: ["Arguments"], swiftSettings: strict),
    .testTarget(name: "CryptographyTests", dependencies: ["Cryptography"], swiftSettings: strict),
    .testTarget(name: "ProcessesTests", dependencies: ["Processes"], swiftSettings: strict),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal", "CQREncode"], swiftSettings: strict),
    .testTarget(name: "HomeTests", dependencies: ["Home"], swiftSettings: strict),
    .testTarget(name: "WebSocketCodecTests", dependencies: ["WebSocketCodec"], swiftSettings: strict),
    .testTarget(name: "TransportTests", dependencies: ["Transport"], swiftSettings: strict),
    .testTarget(
      name: "AnchorTests", dependencies: ["Anchor", "Transport", "Cryptography", "Processes", "Home", "Ports"],
      swiftSettings: strict),
    .testTarget(
      name: "SelfHostTests",
      dependencies: ["SelfHost", "Providers", "Transport", "Cryptography", "Home", "Processes", "Ports"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
