import Terminal
import Testing

@Suite struct OneLineTests {
  @Test(arguments: [
    ("", ""), ("é ☃ bleibt", "é ☃ bleibt"),
    ("It does not.\nforged\tline", #"It does not.\nforged\tline"#),
    ("a\u{1b}[2Jb\u{202e}c\u{2028}d\u{7f}", #"a\u{1b}[2Jb\u{202e}c\u{2028}d\u{7f}"#),
  ])
  func escapesWhatMovesOrTurns(text: String, shown: String) { #expect(oneLine(text) == shown) }
}
