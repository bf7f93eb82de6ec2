// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Patterns of names: `*` stands for any text, `?` for one unit of it, and everything else for itself.
package enum ShellPattern {
    /// Whether the whole of a text matches; a unit is a character, as for `case`.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        matches(Array(pattern)[...], Array(text)[...], star: "*", any: "?")
    }

    /// Whether the whole of a name matches; a unit is a byte, since names need not be text.
    package static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        matches(pattern[...], name[...], star: UInt8(ascii: "*"), any: UInt8(ascii: "?"))
    }

    /// The time is bounded by the product of the lengths.
    private static func matches<Unit: Equatable>(
        _ pattern: ArraySlice<Unit>,
        _ text: ArraySlice<Unit>,
        star: Unit,
        any: Unit
    ) -> Bool {
        var (pattern, text) = (pattern, text)
        // What follows the last star, and what of the text it has not taken so far.
        var retry: (pattern: ArraySlice<Unit>, text: ArraySlice<Unit>)?
        while let unit = text.first {
            if pattern.first == star {
                pattern = pattern.dropFirst()
                retry = (pattern, text)
            } else if let wanted = pattern.first, wanted == unit || wanted == any {
                (pattern, text) = (pattern.dropFirst(), text.dropFirst())
            } else if let last = retry {
                // The star takes one unit more.
                (pattern, text) = (last.pattern, last.text.dropFirst())
                retry = (pattern, text)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == star }
    }
}
