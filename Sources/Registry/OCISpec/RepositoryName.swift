// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The name of a repository in the registry: `team/app`.
///
/// One or more components of lower-case letters and digits, joined by `/`; inside a component `.`, `_`, `__` or a
/// run of `-` separate alphanumerics. At most 255 bytes.
/// - Source: OCI distribution specification 1.1, "Pulling manifests", `<name>`.
package struct RepositoryName: Hashable, Sendable, Comparable, CustomStringConvertible,
    LosslessStringConvertible
{
    /// The most bytes that a name may have.
    package static let maximumLength = 255

    package let description: String

    /// Accepts exactly the grammar, else `nil`.
    package init?(_ text: String) {
        guard (1...Self.maximumLength).contains(text.utf8.count) else { return nil }
        let components = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard components.allSatisfy({ Self.isComponent($0) }) else { return nil }
        description = text
    }

    /// The components between the slashes; at least one.
    package var components: [Substring] { description.split(separator: "/") }

    package static func < (left: Self, right: Self) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    private static func isComponent(_ bytes: Substring.UTF8View) -> Bool {
        var separator: [UInt8] = []
        var endsWithAlphanumeric = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard separator.isEmpty || (endsWithAlphanumeric && isSeparator(separator)) else {
                    return false
                }
                if !separator.isEmpty { separator.removeAll(keepingCapacity: true) }
                endsWithAlphanumeric = true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                guard endsWithAlphanumeric else { return false }
                separator.append(byte)
            default:
                return false
            }
        }
        return endsWithAlphanumeric && separator.isEmpty
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        switch bytes {
        case [UInt8(ascii: ".")], [UInt8(ascii: "_")], [UInt8(ascii: "_"), UInt8(ascii: "_")]: true
        default: bytes.allSatisfy { $0 == UInt8(ascii: "-") }
        }
    }
}
