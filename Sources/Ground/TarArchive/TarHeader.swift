// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One 512-byte header block.
///
/// | offset | width | field |
/// |---|---|---|
/// | 0 | 100 | name |
/// | 100 | 8 | mode, octal |
/// | 108, 116 | 8 | uid, gid |
/// | 124 | 12 | size |
/// | 136 | 12 | mtime |
/// | 148 | 8 | checksum |
/// | 156 | 1 | type |
/// | 157 | 100 | link name |
/// | 257 | 8 | magic and version: `ustar\0 00` (POSIX) or `ustar  \0` (GNU) |
/// | 329, 337 | 8 | device major, minor |
/// | 345 | 155 | name prefix (POSIX only) |
/// | 386 | 96 | first four sparse extents (GNU only), then 482 "more follow", 483 real size |
///
/// - Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar 1.34, `src/tar.h`.
struct TarHeader {
    static let size = 512

    let block: [UInt8]
    let offset: Int64

    var isZero: Bool { block.allSatisfy { $0 == 0 } }

    var type: UInt8 { block[156] }

    private var isPOSIX: Bool { block[257..<263].elementsEqual("ustar\0".utf8) }
    private var isGNU: Bool { block[257..<265].elementsEqual("ustar  \0".utf8) }

    /// Checks the checksum: the sum of all bytes with the field itself as blanks; old writers summed signed bytes.
    func verify() throws(TarProblem) {
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        for (index, byte) in block.enumerated() {
            let counted = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
            unsigned += Int64(counted)
            signed += Int64(Int8(bitPattern: counted))
        }
        guard let stated = TarNumber.field(block[148..<156]), stated == unsigned || stated == signed else {
            throw TarProblem(.badChecksum, at: offset, "the header's checksum is wrong")
        }
    }

    func number(_ range: Range<Int>, _ what: String) throws(TarProblem) -> Int64 {
        guard let value = TarNumber.field(block[range]) else {
            throw TarProblem(.badNumber, at: offset, "the \(what) is not a number")
        }
        return value
    }

    var name: [UInt8] {
        let name = text(0..<100)
        guard isPOSIX, block[345] != 0 else { return name }
        return text(345..<500) + [UInt8(ascii: "/")] + name
    }

    var linkName: [UInt8] { text(157..<257) }

    var hasDeviceNumbers: Bool { isPOSIX || isGNU }

    /// The extents in the header of an old GNU sparse member, whether more blocks of them follow, and the real size.
    func oldSparse() throws(TarProblem) -> (extents: [SparseExtent], hasMore: Bool, realSize: Int64) {
        let extents = try Self.extents(block, at: 386, count: 4, offset: offset)
        return (extents, block[482] != 0, try number(483..<495, "real size"))
    }

    /// Reads `count` pairs of 12-byte offsets and sizes; an empty pair ends the list.
    static func extents(
        _ block: [UInt8],
        at start: Int,
        count: Int,
        offset: Int64
    ) throws(TarProblem) -> [SparseExtent] {
        var extents: [SparseExtent] = []
        for index in 0..<count {
            let position = start + index * 24
            guard block[position] != 0 else { break }
            guard let begin = TarNumber.field(block[position..<(position + 12)]),
                let size = TarNumber.field(block[(position + 12)..<(position + 24)])
            else { throw TarProblem(.badSparseMap, at: offset, "a number in the sparse map cannot be read") }
            extents.append(SparseExtent(offset: begin, size: size))
        }
        return extents
    }

    private func text(_ range: Range<Int>) -> [UInt8] { Array(block[range].prefix { $0 != 0 }) }
}
