@main struct CodexRemote { static func main() {} }
