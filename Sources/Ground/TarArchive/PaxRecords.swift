// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The records of a pax extended header: `length key=value\n`, where a later record of a key replaces an earlier one.
///
/// - Source: POSIX.1-2017, pax, "pax Extended Header".
struct PaxRecords {
    private(set) var values: [[UInt8]: [UInt8]] = [:]
    /// `SCHILY.xattr.` records in order, without the prefix.
    private(set) var extendedAttributes: [(name: [UInt8], value: [UInt8])] = []
    /// `GNU.sparse.offset` and `numbytes` records, which repeat (format 0.0).
    private(set) var sparsePairs: [Int64] = []

    init() {}

    private static let attributePrefix = Array("SCHILY.xattr.".utf8)
    private static let sparseOffset = Array("GNU.sparse.offset".utf8)
    private static let sparseSize = Array("GNU.sparse.numbytes".utf8)

    /// Reads the body of an extended header.
    mutating func add(_ body: [UInt8], at offset: Int64) throws(TarProblem) {
        var rest = body[...]
        while let first = rest.first, first != 0 {
            guard let blank = rest.prefix(20).firstIndex(of: UInt8(ascii: " ")),
                let length = TarNumber.decimal(rest[rest.startIndex..<blank]),
                length > 0, length <= rest.count
            else { throw TarProblem(.badExtendedHeader, at: offset, "a pax record has a wrong length") }
            let end = rest.startIndex + Int(length)
            guard end > blank + 1, rest[end - 1] == UInt8(ascii: "\n"),
                let equals = rest[(blank + 1)..<(end - 1)].firstIndex(of: UInt8(ascii: "="))
            else { throw TarProblem(.badExtendedHeader, at: offset, "a pax record has no '=' or no end") }
            let key = Array(rest[(blank + 1)..<equals])
            try add(key: key, value: Array(rest[(equals + 1)..<(end - 1)]), at: offset)
            rest = rest[end...]
        }
    }

    private mutating func add(key: [UInt8], value: [UInt8], at offset: Int64) throws(TarProblem) {
        if key.starts(with: Self.attributePrefix) {
            let name = Array(key.dropFirst(Self.attributePrefix.count))
            extendedAttributes.removeAll { $0.name == name }
            extendedAttributes.append((name, value))
        } else if key == Self.sparseOffset || key == Self.sparseSize {
            guard let number = TarNumber.decimal(value[...]), number >= 0 else {
                throw TarProblem(.badSparseMap, at: offset, "a number in the sparse map cannot be read")
            }
            sparsePairs.append(number)
        } else {
            values[key] = value
        }
    }

    /// Adds the records of a header that comes later and wins.
    mutating func merge(_ other: PaxRecords) {
        values.merge(other.values) { $1 }
        for attribute in other.extendedAttributes {
            extendedAttributes.removeAll { $0.name == attribute.name }
            extendedAttributes.append(attribute)
        }
        if !other.sparsePairs.isEmpty { sparsePairs = other.sparsePairs }
    }

    /// The value of a record; `nil` if there is none, or an empty one, which takes back what a global header said.
    ///
    /// - Source: POSIX.1-2017, pax, "pax Extended Header": "If the <value> field is zero length …".
    subscript(key: String) -> [UInt8]? { values[Array(key.utf8)].flatMap { $0.isEmpty ? nil : $0 } }

    /// A decimal value; `nil` if the record is absent.
    func number(_ key: String, at offset: Int64) throws(TarProblem) -> Int64? {
        guard let value = self[key] else { return nil }
        guard let number = TarNumber.decimal(value[...]) else {
            throw TarProblem(.badNumber, at: offset, "the pax record '\(key)' is not a number")
        }
        return number
    }
}
