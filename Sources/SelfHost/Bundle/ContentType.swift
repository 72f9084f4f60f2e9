/// The media type a browser is told for a file of the web client, by its ending; nil for an unknown one.
///
/// Browsers are told not to guess (`nosniff`), so a wrong type here means a file that does not load.
func contentType(of path: String) -> String? {
  guard let dot = path.lastIndex(of: ".") else { return nil }
  return switch path[path.index(after: dot)...] {
  case "html": "text/html; charset=utf-8"
  case "js": "text/javascript; charset=utf-8"
  case "css": "text/css; charset=utf-8"
  case "txt": "text/plain; charset=utf-8"
  case "json": "application/json"
  case "webmanifest": "application/manifest+json"
  case "svg": "image/svg+xml"
  case "png": "image/png"
  case "ico": "image/x-icon"
  case "woff2": "font/woff2"
  default: nil
  }
}
