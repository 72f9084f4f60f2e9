/// What is wrong with the files a relay is made of, in one sentence.
public struct BundleError: Error, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
