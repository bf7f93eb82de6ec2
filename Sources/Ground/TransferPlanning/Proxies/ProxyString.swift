// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// The proxies of a node as its administrator writes them down: groups, tried in order, of members that share the load.
///
/// | sign | between | meaning |
/// |---|---|---|
/// | `;` | groups | the next one is used when all members of one have failed |
/// | `\|` | members | any of them |
///
/// A member is an address, `DIRECT` for none, or, as a whole group, `auto` for what the site tells.
/// - Source: cvmfs-format H.4.
package struct ProxyString: Sendable, Equatable {
    /// One way to the servers.
    package enum Member: Sendable, Hashable, CustomStringConvertible {
        case direct
        case proxy(ProxyAddress)
        /// To be replaced by what the site tells.
        case automatic

        package var description: String {
            switch self {
            case .direct: "DIRECT"
            case .proxy(let address): address.description
            case .automatic: "auto"
            }
        }
    }

    /// No list has more members, however long its text is.
    package static let memberLimit = 1024

    /// In order, none of them empty.
    package private(set) var groups: [[Member]]

    /// A list that is known already.
    package init(groups: [[Member]]) { self.groups = groups.filter { !$0.isEmpty } }

    /// Reads a list; empty groups and members are passed over, as everybody does.
    ///
    /// - Throws: `member`, with the member that is none; `tooLong`.
    package init(_ text: String) throws(ProxyStringProblem) {
        groups = []
        var count = 0
        for part in text.split(separator: ";") {
            var group: [Member] = []
            for word in part.split(separator: "|") {
                let word = Self.trimmed(word)
                guard !word.isEmpty else { continue }
                group.append(try Self.member(word))
                count += 1
                guard count <= Self.memberLimit else {
                    throw ProxyStringProblem(.tooLong, "the list has more than \(Self.memberLimit) proxies")
                }
            }
            if !group.isEmpty { groups.append(group) }
        }
    }

    /// Whether anything has to be asked for before the list can be used.
    package var isAutomatic: Bool { groups.contains { $0.contains(.automatic) } }

    /// Whether any server may be asked through a proxy.
    package var hasProxies: Bool { groups.contains { $0.contains { $0 != .direct } } }

    /// The list with what the site told in the place of `auto`; without it, where nothing was told.
    package func replacingAutomatic(by found: ProxyString) -> ProxyString {
        ProxyString(
            groups: groups.flatMap { group -> [[Member]] in
                guard group.contains(.automatic) else { return [group] }
                let others = group.filter { $0 != .automatic }
                return found.groups + (others.isEmpty ? [] : [others])
            }
        )
    }

    /// The list without `DIRECT`: what a list of fall-back proxies is.
    package var withoutDirect: ProxyString {
        ProxyString(groups: groups.map { $0.filter { $0 != .direct } })
    }

    /// The list as text that reads as the same list.
    package var text: String {
        groups.map { $0.map(\.description).joined(separator: "|") }.joined(separator: ";")
    }

    private static func member(_ word: Substring) throws(ProxyStringProblem) -> Member {
        if word == "DIRECT" { return .direct }
        if word == "auto" { return .automatic }
        guard let address = ProxyAddress(String(word)) else {
            throw ProxyStringProblem(
                .member,
                word.contains("@")
                    ? "a proxy is given with a name and a password, which are not supported"
                    : "'\(word.prefix(100))' is no proxy"
            )
        }
        return .proxy(address)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}

/// What is wrong with a list of proxies.
package struct ProxyStringProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case member = "bad-proxy"
        case tooLong = "too-many-proxies"
    }

    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var identifier: String { code.rawValue }
    package var remedy: String? { "write http://host:port or DIRECT; '|' shares the load, ';' falls back" }
}
