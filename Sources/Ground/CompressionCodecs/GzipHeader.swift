// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Collects the header of a gzip member, which may come in pieces.
///
/// | bytes | field |
/// |---|---|
/// | 10 | magic, method, flags, time, extra flags, system |
/// | 2 + n | extra field, with flag 4 |
/// | … 0 | name, with flag 8 |
/// | … 0 | comment, with flag 16 |
/// | 2 | CRC of the header, with flag 2 |
///
/// - Source: RFC 1952, section 2.3.
struct GzipHeader {
    /// What was collected.
    private(set) var bytes: [UInt8] = []
    private var part = Part.fixed

    private enum Part {
        case fixed, extraLength, extra(end: Int), name, comment, checksum(end: Int), complete
    }

    /// A longer header serves nobody.
    private static let limit = 1 << 20

    /// Whether the deflate data come next.
    var isComplete: Bool { if case .complete = part { true } else { false } }

    /// Takes bytes up to the end of the header; returns how many.
    mutating func take(_ input: UnsafeRawBufferPointer) throws(CompressionProblem) -> Int {
        var count = 0
        for byte in input where !isComplete {
            bytes.append(byte)
            count += 1
            advance(byte)
            guard bytes.count <= Self.limit else { throw CompressionProblem(.corrupt, format: "gzip") }
        }
        return count
    }

    private mutating func advance(_ byte: UInt8) {
        switch part {
        case .fixed where bytes.count == 10: part = afterFixed
        case .extraLength where bytes.count == 12:
            let end = 12 + Int(bytes[10]) + Int(bytes[11]) * 256
            part = end == 12 ? afterExtra : .extra(end: end)
        case .extra(let end) where bytes.count == end: part = afterExtra
        case .name where byte == 0: part = afterName
        case .comment where byte == 0: part = afterComment
        case .checksum(let end) where bytes.count == end: part = .complete
        default: break
        }
    }

    private var afterFixed: Part { has(4) ? .extraLength : afterExtra }
    private var afterExtra: Part { has(8) ? .name : afterName }
    private var afterName: Part { has(16) ? .comment : afterComment }
    private var afterComment: Part { has(2) ? .checksum(end: bytes.count + 2) : .complete }

    private func has(_ flag: UInt8) -> Bool { bytes[3] & flag != 0 }
}
