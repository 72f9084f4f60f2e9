import FoundationEssentials
import Testing

@testable import Anchor

/// The scanner against Foundation's parser, on random documents and on damaged ones.
@Suite struct JSONFuzzTests {
  static func value(_ random: inout SeededGenerator, depth: Int) -> String {
    let space = ["", " ", "\t", "\r\n"].randomElement(using: &random) ?? ""
    switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &random) {
    case 0: return space + (["true", "false", "null"].randomElement(using: &random) ?? "") + space
    case 1: return space + "\(Int.random(in: -1000...1000, using: &random))"
    case 2: return "\(Int.random(in: 0...9, using: &random)).5" + space
    case 3, 4: return space + string(&random) + space
    case 5:
      let items = (0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth + 1) }
      return space + "[" + items.joined(separator: ",") + "]"
    default:
      let members = (0..<Int.random(in: 0...4, using: &random)).map { number in
        "\(space)\(string(&random, "k\(number)"))\(space):\(value(&random, depth: depth + 1))"
      }
      return "{" + members.joined(separator: ",") + "}" + space
    }
  }

  static func string(_ random: inout SeededGenerator, _ prefix: String = "", more: [String] = []) -> String {
    let parts =
      [#"\n"#, #"\""#, #"\\"#, #"\/"#, #"\u0041"#, "é", "𝄞", "{", "]", ",", "x", "long text "] + more
    let inside = (0..<Int.random(in: 0...12, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
    return "\"\(prefix)\(inside.joined())\""
  }

  /// Any value. Foundation looks at numbers and escapes only when they are asked for.
  struct Anything: Decodable {
    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      if let members = try? decoder.container(keyedBy: Key.self) {
        for key in members.allKeys { _ = try members.decode(Anything.self, forKey: key) }
      } else if var items = try? decoder.unkeyedContainer() {
        while !items.isAtEnd { _ = try items.decode(Anything.self) }
      } else {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() || (try? value.decode(Bool.self)) != nil || (try? value.decode(Double.self)) != nil {
          return
        }
        _ = try value.decode(String.self)
      }
    }
  }

  static func foundationTakes(_ bytes: [UInt8]) -> Bool {
    (try? JSONDecoder().decode(Anything.self, from: Data(bytes))) != nil
  }

  @Test(arguments: SeededGenerator.seeds(10))
  func whatIsTakenAnotherParserTakesToo(seed: UInt64) async {
    var random = SeededGenerator(seed)
    for round in 0..<200 {
      // Other tests wait for servers meanwhile.
      if round.isMultiple(of: 20) { await Task.yield() }
      let bytes = Array(Self.value(&random, depth: 0).utf8)
      #expect(isValidJSON(bytes), "SEED=\(seed) \(String(decoding: bytes, as: UTF8.self))")
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...2, using: &random) where !damaged.isEmpty {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: damaged.remove(at: place)
        case 1: damaged[place] = Array("{}[],:\"\\.- tn".utf8).randomElement(using: &random) ?? 0
        default: damaged.insert(damaged[place], at: place)
        }
      }
      // What is not UTF-8 never gets here.
      guard let text = String(validating: damaged, as: UTF8.self) else { continue }
      // Foundation takes more: a comma before a bracket, the empty text.
      if isValidJSON(damaged) { #expect(Self.foundationTakes(damaged), "SEED=\(seed) \(text)") }
      // The lenient walk stays inside of anything.
      _ = Parsed(text)
      _ = sessionHeader(text)
    }
  }

  @Test(arguments: SeededGenerator.seeds(10))
  func stringsDecodeAsElsewhere(seed: UInt64) async throws {
    var random = SeededGenerator(seed)
    for round in 0..<200 {
      // Other tests wait for servers meanwhile.
      if round.isMultiple(of: 20) { await Task.yield() }
      let bytes = Array(Self.string(&random, more: [#"\ud834\udd1e"#]).utf8)
      let mine = JSONText.text(bytes.span, 0..<bytes.count)
      let theirs = try JSONDecoder().decode(String.self, from: Data(bytes))
      #expect(mine == theirs, "SEED=\(seed) \(theirs)")
      #expect(try JSONDecoder().decode(String.self, from: Data(JSONOutput.quoted(theirs).utf8)) == theirs)
    }
  }
}
