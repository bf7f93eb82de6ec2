// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A pattern for tags: `*` stands for any characters, `?` for one, `{a,b}` for one of several; all else for itself.
///
/// The whole tag must match. Matching takes time in proportion to the product of the lengths at most, whatever the pattern.
package struct TagPattern: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    private let alternatives: [[UInt8]]

    /// How long a pattern may be, and how many patterns its braces may stand for.
    private static let lengthLimit = 256
    private static let alternativeLimit = 64

    /// `nil` for an empty or overlong pattern, one with braces in braces or without a partner, and one whose braces stand for
    /// too many.
    package init?(_ text: String) {
        guard (1...Self.lengthLimit).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let alternatives = Self.expand(Array(text.utf8))
        else { return nil }
        description = text
        self.alternatives = alternatives
    }

    /// Whether a tag is meant.
    package func matches(_ tag: String) -> Bool {
        let text = Array(tag.utf8)
        return alternatives.contains { Self.matches($0, text) }
    }

    private static func expand(_ pattern: [UInt8]) -> [[UInt8]]? {
        var expanded: [[UInt8]] = [[]]
        var rest = pattern[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "}"): return nil
            case UInt8(ascii: "{"):
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
                let inner = rest[..<end]
                guard !inner.contains(UInt8(ascii: "{")) else { return nil }
                let words = inner.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                guard expanded.count * words.count <= alternativeLimit else { return nil }
                expanded = expanded.flatMap { start in words.map { start + $0 } }
                rest = rest[(end + 1)...]
            default: for index in expanded.indices { expanded[index].append(byte) }
            }
        }
        return expanded
    }

    /// Goes back to the last star only: an earlier one can always do with what it has.
    private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (at, position) = (0, 0)
        var star: (at: Int, position: Int)?
        while position < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, position)
                at += 1
            } else if at < pattern.count, pattern[at] == text[position] || pattern[at] == UInt8(ascii: "?") {
                at += 1
                position += 1
            } else if let last = star {
                at = last.at + 1
                position = last.position + 1
                star = (last.at, position)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
