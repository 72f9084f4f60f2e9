import Cryptography
import FoundationEssentials
public import Home

/// The secret that a deployer shares with its relay: it goes in with the upload and signs what the deployer asks later.
public enum DeployKey {
  private static let file = "relay/deploy.key"

  /// The home's key; made, with 256 random bits, where there is none.
  public static func load(from home: Home) throws(HomeError) -> String {
    if let data = try home.read(file) {
      let text = String(decoding: data, as: UTF8.self).prefix { !$0.isWhitespace }
      if text.count == 43 { return String(text) }
    }
    let key = randomToken(bytes: 32)
    try home.write(Data("\(key)\n".utf8), to: file)
    return key
  }
}
