import FoundationEssentials

// usage: EmbedTool OUTPUT ROOT FILE…
// Writes one Swift file that holds every file as a StaticString: text as it is, all else in base64. Compiling such
// literals costs a second a megabyte, a list of bytes minutes.

let arguments = CommandLine.arguments
let (output, root) = (arguments[1], arguments[2])

/// A literal of the text, byte for byte.
func literal(of text: String) -> String {
  // More number signs than the text has in a row: nothing in it can then end the literal or begin an escape.
  let longest = text.utf8.split(omittingEmptySubsequences: true) { $0 != UInt8(ascii: "#") }.map(\.count).max() ?? 0
  let marks = String(repeating: "#", count: longest + 1)
  var scalars = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control where scalar != "\n" && scalar != "\t", .format, .lineSeparator, .paragraphSeparator:
      scalars.append(contentsOf: "\\\(marks)u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    default: scalars.append(scalar)
    }
  }
  return "\(marks)\"\"\"\n\(String(scalars))\n\"\"\"\(marks)"
}

var source = """
  // Written by EmbedTool.
  extension EmbeddedFiles {
    public static let all: [EmbeddedFile] = [

  """
for file in arguments.dropFirst(3) {
  let data = try Data(contentsOf: URL(filePath: file))
  let path = literal(of: String(file.dropFirst(root.count + 1)))
  if let text = String(validating: data, as: UTF8.self) {
    source += "EmbeddedFile(path: \(path), text: \(literal(of: text))),\n"
  } else {
    source += "EmbeddedFile(path: \(path), base64: \"\(data.base64EncodedString())\"),\n"
  }
}
source += "  ]\n}\n"
try Data(source.utf8).write(to: URL(filePath: output), options: .atomic)
