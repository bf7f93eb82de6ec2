// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

extension ControlCommand {
    /// A command that ends in something that is not known beforehand.
    struct Form: Sendable {
        /// How it begins.
        let verb: String
        /// What follows, for people.
        let argument: String
        /// The command; `nil` if the argument is none.
        let command: @Sendable (_ argument: String) -> ControlCommand?
    }

    /// All of them; of two that begin alike the longer one comes first.
    ///
    /// - Source: cvmfs-format H.13.
    static let forms = [
        Form(verb: "external host set", argument: "<servers>") { .change(.externalServers($0)) },
        Form(verb: "external proxy set", argument: "<proxies>") { .change(.externalProxies($0)) },
        Form(verb: "host set", argument: "<servers>") { .change(.servers($0)) },
        Form(verb: "proxy set", argument: "<proxies>") { .change(.proxies($0)) },
        Form(verb: "proxy fallback", argument: "<proxies>") { .change(.fallback($0)) },
        Form(verb: "timeout set", argument: "<seconds by proxy> <seconds directly>") { timeouts($0) },
        Form(verb: "nameserver set", argument: "<address>") { .change(.nameServer($0)) },
        Form(verb: "max ttl set", argument: "<minutes>") {
            number($0).map { .setLongestTimeToLive(minutes: $0) }
        },
        Form(verb: "cache limit set", argument: "<MB>") { argument in
            number(argument).flatMap { $0 > 0 ? .setCacheLimit(megabytes: $0) : nil }
        },
        Form(verb: "cleanup rate", argument: "<minutes>") { number($0).map { .countCleanups(minutes: $0) } },
        Form(verb: "cleanup", argument: "<MB>") { number($0).map { .cleanUp(megabytes: $0) } },
        Form(verb: "evict", argument: "<path>") { .evict(path: $0) },
    ]

    /// Understands one of the forms; `nil` for anything else.
    static func withArgument(_ text: String) -> ControlCommand? {
        for form in forms {
            guard let argument = rest(of: text, after: form.verb) else { continue }
            let command = argument.isEmpty ? nil : form.command(argument)
            return command ?? .usage("Usage: \(form.verb) \(form.argument)")
        }
        return nil
    }

    /// What follows some words, as it was written; `nil` if the text does not begin with them.
    private static func rest(of text: String, after verb: String) -> String? {
        var rest = text.drop { isBlank($0) }
        for word in verb.split(separator: " ") {
            guard rest.hasPrefix(word) else { return nil }
            rest = rest.dropFirst(word.count)
            guard rest.first.map({ isBlank($0) }) ?? true else { return nil }
            rest = rest.drop { isBlank($0) }
        }
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return String(rest)
    }

    private static func isBlank(_ character: Character) -> Bool {
        character.isWhitespace || character == "\0"
    }

    /// A whole number that is not negative, and small enough for sums.
    private static func number(_ text: String) -> Int64? {
        guard let number = Int64(text), (0...Int64(Int32.max)).contains(number) else { return nil }
        return number
    }

    private static func timeouts(_ text: String) -> ControlCommand? {
        let numbers = text.split(whereSeparator: \.isWhitespace).map { number(String($0)) }
        guard numbers.count == 2, let proxied = numbers[0], let direct = numbers[1] else { return nil }
        return .change(.timeouts(proxied: proxied, direct: direct))
    }
}
