// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A fully qualified repository name such as `unpacked.wharf.internal`.
///
/// - Source: cvmfs-format H.18: begins with a letter or digit, holds a dot, only letters, digits, `-`, `_`, `.`, does
///   not end in a dot. Wharf also refuses two dots in a row, since the name becomes a directory.
package struct RepositoryFQRN: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    package let name: String

    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 255, Self.isAlphanumeric(first),
            last != UInt8(ascii: "."), bytes.contains(UInt8(ascii: ".")),
            bytes.allSatisfy({ Self.isAlphanumeric($0) || "-_.".utf8.contains($0) }),
            !text.contains("..")
        else { return nil }
        name = text
    }

    package var description: String { name }

    /// The name without its first label.
    package var domain: String { String(name.drop { $0 != "." }.dropFirst()) }

    /// The first label, for `@org@` in URLs.
    package var organisation: String { String(name.prefix { $0 != "." }) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
