/// The members of a notification's or server request's `params` that the anchor looks at, as byte ranges of the values
/// (strings with their quotes). Found in one walk; what is not there is nil.
struct ParamRanges: Equatable {
  var thread: Range<Int>?
  var turn: Range<Int>?
  var itemID: Range<Int>?
  var delta: Range<Int>?
  /// `summaryIndex` or `contentIndex`: which part of the item a delta belongs to.
  var index: Range<Int>?
  var item: Range<Int>?
  var turnObject: Range<Int>?
  var status: Range<Int>?
  var requestID: Range<Int>?

  init(_ bytes: borrowing Span<UInt8>, _ params: Range<Int>?) {
    guard let params else { return }
    JSONText.forEachMember(of: bytes, from: params.lowerBound) { key, value in
      // The lengths tell most names apart without a comparison; codex writes no escapes into names.
      switch key.count {
      case 8 where JSONText.string(bytes, key, is: "threadId"): thread = value
      case 6 where JSONText.string(bytes, key, is: "turnId"): turn = value
      case 6 where JSONText.string(bytes, key, is: "itemId"): itemID = value
      case 6 where JSONText.string(bytes, key, is: "status"): status = value
      case 5 where JSONText.string(bytes, key, is: "delta"): delta = value
      case 4 where JSONText.string(bytes, key, is: "item"): item = value
      case 4 where JSONText.string(bytes, key, is: "turn"): turnObject = value
      case 9 where JSONText.string(bytes, key, is: "requestId"): requestID = value
      case 12 where JSONText.string(bytes, key, is: "summaryIndex"): index = value
      case 12 where JSONText.string(bytes, key, is: "contentIndex"): index = value
      default: break
      }
    }
  }
}
