extension Platform {
  /// Those that `self-host` offers; a new one is one line here and one file beside.
  public static let all: [Platform] = [Cloudflare.platform, DenoDeploy.platform]
}
