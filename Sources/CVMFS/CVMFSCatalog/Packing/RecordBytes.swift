// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One record of an SQLite table or index in the making.
///
/// Keep one for many records: it reuses its memory.
/// - Source: SQLite file format, section 2.1 "Record Format".
struct RecordBytes {
    private var types: [UInt8] = []
    private var body: [UInt8] = []
    /// The whole record, once `finish` was called.
    private(set) var bytes: [UInt8] = []

    /// Begins a new record.
    mutating func restart() {
        types.removeAll(keepingCapacity: true)
        body.removeAll(keepingCapacity: true)
    }

    mutating func null() { types.append(0) }

    /// An integer in the shortest form.
    mutating func integer(_ value: Int64) {
        switch value {
        case 0: types.append(8)
        case 1: types.append(9)
        case -0x80...0x7f: integer(value, type: 1, byteCount: 1)
        case -0x8000...0x7fff: integer(value, type: 2, byteCount: 2)
        case -0x80_0000...0x7f_ffff: integer(value, type: 3, byteCount: 3)
        case -0x8000_0000...0x7fff_ffff: integer(value, type: 4, byteCount: 4)
        case -0x8000_0000_0000...0x7fff_ffff_ffff: integer(value, type: 5, byteCount: 6)
        default: integer(value, type: 6, byteCount: 8)
        }
    }

    private mutating func integer(_ value: Int64, type: UInt8, byteCount: Int) {
        types.append(type)
        var shift = 8 * (byteCount - 1)
        while shift >= 0 {
            body.append(UInt8(truncatingIfNeeded: value >> Int64(shift)))
            shift -= 8
        }
    }

    mutating func text(_ value: [UInt8]) {
        Self.append(UInt64(value.count) * 2 + 13, to: &types)
        body.append(contentsOf: value)
    }

    mutating func blob(_ value: [UInt8]) {
        Self.append(UInt64(value.count) * 2 + 12, to: &types)
        body.append(contentsOf: value)
    }

    /// Puts the record together.
    mutating func finish() {
        bytes.removeAll(keepingCapacity: true)
        // The header counts its own length; so many columns that this takes two bytes are not ours.
        Self.append(UInt64(types.count + 1), to: &bytes)
        bytes.append(contentsOf: types)
        bytes.append(contentsOf: body)
    }

    /// Appends a number as SQLite's variable-length integer: big-endian groups of seven bits, the ninth byte whole.
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        if value < 0x80 { return bytes.append(UInt8(value)) }
        guard value < 1 << 56 else {
            var shift: UInt64 = 57
            for _ in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift) | 0x80)
                shift -= 7
            }
            return bytes.append(UInt8(truncatingIfNeeded: value))
        }
        var shift: UInt64 = 7
        while value >> shift >= 0x80 { shift += 7 }
        while shift > 0 {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift) | 0x80)
            shift -= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value & 0x7f))
    }
}
