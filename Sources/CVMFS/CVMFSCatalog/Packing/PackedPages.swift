// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The pages that are appended to a database file, numbered from where that file ends.
///
/// How many pages come before is not known until the end, so references between these pages are kept as relative numbers
/// and corrected by `relocated`.
struct PackedPages {
    let pageSize: Int
    private(set) var bytes: [UInt8] = []
    private var references: [Int] = []

    init(pageSize: Int) { self.pageSize = pageSize }

    /// The relative number that the next page will get, from 0.
    var nextNumber: UInt32 { UInt32(truncatingIfNeeded: bytes.count / pageSize) }

    /// Appends a page and returns its relative number; `references` are the places in it of four-byte relative page numbers.
    @discardableResult
    mutating func append(_ page: [UInt8], references offsets: [Int] = []) -> UInt32 {
        let number = nextNumber
        for offset in offsets { references.append(bytes.count + offset) }
        bytes.append(contentsOf: page)
        return number
    }

    /// All pages with references made absolute, the first of them being the page `first` of the file.
    func relocated(first: UInt32) -> [UInt8] {
        var result = bytes
        for offset in references { Self.relocate(offset, in: &result, first: first) }
        return result
    }

    /// Makes the relative number at a place absolute.
    static func relocate(_ offset: Int, in bytes: inout [UInt8], first: UInt32) {
        put(number(in: bytes, at: offset) &+ first, in: &bytes, at: offset)
    }

    static func put(_ value: UInt32, in bytes: inout [UInt8], at offset: Int) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index))
        }
    }

    private static func number(in bytes: [UInt8], at offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<4 { value = value << 8 | UInt32(bytes[offset + index]) }
        return value
    }

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
}
