/// `; did you mean NAME?` for a word that is nearly one of the names, else another ending.
func suggestion(for word: String, among names: [String], else ending: String = "") -> String {
  let near = names.map { (name: $0, distance: distance(word, $0)) }
    .filter { $0.distance <= max(1, word.count / 3) }
    .min { $0.distance < $1.distance }
  return near.map { "; did you mean \($0.name)?" } ?? ending
}

/// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other (the restricted
/// Damerau-Levenshtein distance).
func distance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
