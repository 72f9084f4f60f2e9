import Transport

extension HTTPResponse {
  /// What a rehearsal answers instead of the platform.
  static func json(_ text: String) -> HTTPResponse {
    HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: Array(text.utf8))
  }
}
