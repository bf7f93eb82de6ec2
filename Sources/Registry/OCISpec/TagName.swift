// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A movable name for a manifest within a repository: `latest`, `1.2`.
///
/// 1 to 128 characters, case matters, neither `.` nor `-` first.
/// - Source: OCI distribution specification 1.1, "Pulling manifests", `<reference>` as a tag.
package struct TagName: Hashable, Sendable, Comparable, CustomStringConvertible, LosslessStringConvertible {
    package let description: String

    /// Accepts exactly the grammar, else `nil`.
    package init?(_ text: String) {
        guard (1...128).contains(text.utf8.count), let first = text.utf8.first,
            first != UInt8(ascii: "."), first != UInt8(ascii: "-"),
            text.utf8.allSatisfy({ Self.isAllowed($0) })
        else { return nil }
        description = text
    }

    /// The tag that a reference without one means.
    package static let latest = TagName(unchecked: "latest")

    private init(unchecked text: String) { description = text }

    package static func < (left: Self, right: Self) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
