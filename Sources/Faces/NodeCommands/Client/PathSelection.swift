// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ClientConfiguration

/// Which paths of a repository are meant, by a list such as `cvmfs_preload` takes.
///
/// ```
/// # comment
/// /software/app        the path and everything below it
/// /software/*/lib      * and ? stand for parts of one name
/// !/software/app/test  not this, whatever the other lines say
/// ```
struct PathSelection: Equatable {
    /// What to do with a path.
    enum Decision {
        case skip
        /// Something below may be meant.
        case enter
        case take
    }

    private var wanted: [[[UInt8]]] = []
    private var unwanted: [[[UInt8]]] = []

    /// Means everything.
    static let everything = PathSelection(list: "/")

    /// Reads a list.
    init(list: String) {
        for line in list.split(whereSeparator: \.isNewline) {
            let line = line.drop(while: \.isWhitespace)
            guard let first = line.first, first != "#" else { continue }
            let isUnwanted = first == "!"
            let path = isUnwanted ? line.dropFirst() : line
            let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
            if isUnwanted { unwanted.append(parts) } else { wanted.append(parts) }
        }
    }

    /// Whether nothing at all is meant.
    var isEmpty: Bool { wanted.isEmpty }

    /// Decides about a path, given by its components.
    func decide(_ path: [[UInt8]]) -> Decision {
        if unwanted.contains(where: { $0.count <= path.count && Self.matches($0, path[..<$0.count]) }) {
            return .skip
        }
        var decision = Decision.skip
        for rule in wanted {
            if rule.count <= path.count {
                if Self.matches(rule, path[..<rule.count]) { return .take }
            } else if Self.matches(Array(rule[..<path.count]), path[...]) {
                decision = .enter
            }
        }
        return decision
    }

    private static func matches(_ rule: [[UInt8]], _ path: ArraySlice<[UInt8]>) -> Bool {
        zip(rule, path).allSatisfy { ShellPattern.matches($0, $1) }
    }
}
