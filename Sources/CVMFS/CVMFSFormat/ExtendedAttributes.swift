// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The extended attributes of an entry, in the form of the `xattr` column.
///
/// | bytes | meaning |
/// |---|---|
/// | 1 | version, 1 |
/// | 1 | number of attributes |
/// | each: 1, 1, n, m | name length n, value length m, name, value |
///
/// - Source: cvmfs-format C.10.
package struct ExtendedAttributes: Hashable, Sendable {
    /// One name and value.
    package struct Attribute: Hashable, Sendable {
        package var name: [UInt8]
        package var value: [UInt8]

        package init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// The attributes, sorted by the bytes of their names.
    package let attributes: [Attribute]

    /// The longest name and the longest value that the format can say, and the highest count.
    package static let limit = 255

    /// Sorts the attributes; names must be distinct.
    ///
    /// Returns `nil` for an attribute that the format cannot say.
    package init?(_ attributes: [Attribute]) {
        let sorted = attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        guard sorted.count <= Self.limit, sorted.allSatisfy(Self.isExpressible) else { return nil }
        self.attributes = sorted
    }

    /// Reads a column; `nil` for bytes that are no such table.
    package init?(encoded: [UInt8]) {
        guard encoded.count >= 2, encoded[0] == 1 else { return nil }
        var attributes: [Attribute] = []
        var position = 2
        for _ in 0..<encoded[1] {
            guard position + 2 <= encoded.count else { return nil }
            let nameEnd = position + 2 + Int(encoded[position])
            let valueEnd = nameEnd + Int(encoded[position + 1])
            guard valueEnd <= encoded.count else { return nil }
            attributes.append(
                Attribute(
                    name: Array(encoded[(position + 2)..<nameEnd]),
                    value: Array(encoded[nameEnd..<valueEnd])
                )
            )
            position = valueEnd
        }
        guard position == encoded.count else { return nil }
        self.attributes = attributes
    }

    /// The column's value; `nil` when there are no attributes.
    package var encoded: [UInt8]? {
        guard !attributes.isEmpty else { return nil }
        var bytes: [UInt8] = [1, UInt8(attributes.count)]
        for attribute in attributes {
            bytes.append(UInt8(attribute.name.count))
            bytes.append(UInt8(attribute.value.count))
            bytes += attribute.name
            bytes += attribute.value
        }
        return bytes
    }

    /// The value of one attribute.
    package subscript(name: [UInt8]) -> [UInt8]? { attributes.first { $0.name == name }?.value }

    /// Whether the format can hold an attribute: a name of 1 to 255 bytes without NUL, a value of at most 255.
    package static func isExpressible(_ attribute: Attribute) -> Bool {
        !attribute.name.isEmpty && attribute.name.count <= limit && attribute.value.count <= limit
            && !attribute.name.contains(0)
    }
}
