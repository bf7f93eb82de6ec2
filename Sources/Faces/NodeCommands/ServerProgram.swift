// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#endif

/// The server's program, which a node need not have.
enum ServerProgram {
    /// The commands that it runs.
    static let commands: Set<String> = ["serve", "repo", "replica", "admin"]

    /// Whether it runs a command line, or has to explain its command: `wharf help repo create`.
    static func runs(_ words: [String]) -> Bool {
        let name = words.first == "help" ? words.dropFirst().first : words.first
        return name.map(commands.contains) ?? false
    }

    /// Turns this process into `wharfd`, keeping its number, signals and streams.
    ///
    /// Returns the status for a failure.
    static func become(_ words: [String]) -> Int32 {
        let path = pathBesideThisProgram()
        var arguments = ([path] + words).map { strdup($0) }
        arguments.append(nil)
        execv(path, arguments)
        // Only a failure comes back here.
        let reason = String(cString: strerror(errno))
        StandardError.print(
            "wharf: cannot run \(path): \(reason); install the server package to use 'wharf \(words.first ?? "")'"
        )
        return 1
    }

    private static func pathBesideThisProgram() -> String {
        let directory = ProgramPath.current.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return directory.joined(separator: "/") + "/wharfd"
    }
}

/// Where this program lies.
enum ProgramPath {
    /// The absolute path, by which it can be started again.
    static var current: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return CommandLine.arguments[0] }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
