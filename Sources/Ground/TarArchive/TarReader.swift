// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Reads an archive member by member from a stream: ustar, pax, GNU and V7, with sparse members in all their forms.
///
/// Call `next()`, then read the member's content with `readContent` if it is wanted; what is left is skipped. Memory
/// is bounded by the largest extended header, 1 MiB. The archive ends at its first zero block or at the end of the
/// stream; what follows is not looked at.
package final class TarReader {
    /// A piece of a member's content.
    package enum Piece: Equatable {
        /// So many bytes were written to the buffer.
        case data(Int)
        /// So many zero bytes are next, which no data stand for in the archive.
        case hole(Int64)
        case end
    }

    /// The largest extended header or long name that is read.
    package static let headerLimit: Int64 = 1 << 20

    private let source: (UnsafeMutableRawBufferPointer) throws -> Int
    private var position: Int64 = 0
    private var globals = PaxRecords()
    private var content = ContentCursor()
    private var isAtEnd = false

    /// - Parameter source: fills a buffer from the archive completely, or as far as it goes at its end.
    package init(_ source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        self.source = source
    }

    /// Moves to the next member; `nil` after the last.
    ///
    /// - Throws: `TarProblem`, and what the source throws.
    package func next() throws -> TarMember? {
        guard !isAtEnd else { return nil }
        try skipContent()
        var local = PaxRecords()
        var longName: [UInt8]?
        var longLink: [UInt8]?
        let start = position
        while let header = try readHeader() {
            switch header.type {
            case UInt8(ascii: "x"): try local.add(try readExtension(header), at: header.offset)
            case UInt8(ascii: "g"): try globals.add(try readExtension(header), at: header.offset)
            case UInt8(ascii: "L"): longName = Array(try readExtension(header).prefix { $0 != 0 })
            case UInt8(ascii: "K"): longLink = Array(try readExtension(header).prefix { $0 != 0 })
            case UInt8(ascii: "V"): _ = try readExtension(header)
            default:
                var records = globals
                records.merge(local)
                return try begin(
                    MemberBuilder(header: header, records: records, longName: longName, longLink: longLink)
                )
            }
        }
        guard position == start || (local.values.isEmpty && longName == nil && longLink == nil) else {
            throw TarProblem(.truncated, at: start, "an extended header is followed by no member")
        }
        return nil
    }

    /// Reads the next piece of the current member's content: either data, up to the size of the buffer, or a hole.
    ///
    /// - Throws: `truncated` if the archive ends first, and what the source throws.
    package func readContent(into buffer: UnsafeMutableRawBufferPointer) throws -> Piece {
        switch content.next(maximum: buffer.count) {
        case .end: return .end
        case .hole(let size): return .hole(size)
        case .data(let count):
            try readExactly(UnsafeMutableRawBufferPointer(rebasing: buffer[0..<count]))
            return .data(count)
        }
    }

    /// Moves past a hole if one is next: `.hole` with its size, else `.data(0)`, or `.end`.
    package func nextHole() -> Piece {
        switch content.next(maximum: 0) {
        case .end: .end
        case .hole(let size): .hole(size)
        case .data: .data(0)
        }
    }

    // MARK: Headers

    private func readHeader() throws -> TarHeader? {
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        let offset = position
        let count = try block.withUnsafeMutableBytes { try source($0) }
        position += Int64(count)
        guard count > 0 else {
            isAtEnd = true
            return nil
        }
        guard count == TarHeader.size else {
            throw TarProblem(.truncated, at: offset, "the archive ends inside a header")
        }
        let header = TarHeader(block: block, offset: offset)
        if header.isZero {
            isAtEnd = true
            return nil
        }
        try header.verify()
        return header
    }

    /// Reads the body of a header that describes the next one.
    private func readExtension(_ header: TarHeader) throws -> [UInt8] {
        let size = try header.number(124..<136, "size")
        guard size >= 0 else { throw TarProblem(.badNumber, at: header.offset, "the size is negative") }
        guard size <= Self.headerLimit else {
            throw TarProblem(
                .headerTooLarge,
                at: header.offset,
                "an extended header has \(size) bytes, more than \(Self.headerLimit)"
            )
        }
        var body = [UInt8](repeating: 0, count: Int(size))
        try body.withUnsafeMutableBytes { try readExactly($0) }
        try skip(Self.padding(size))
        return body
    }

    private func begin(_ builder: MemberBuilder) throws -> TarMember {
        let stored = try builder.storedSize()
        var left = stored
        let extents = try builder.sparseExtents { try self.readMapBlock(&left, of: builder) }
        // Readers that skip by the size and readers that skip by the map have to find the same next header.
        if let extents, extents.extents.reduce(0, { $0 + $1.size }) != left {
            throw TarProblem(
                .badSparseMap,
                at: builder.header.offset,
                "the sparse map does not account for the bytes of its member"
            )
        }
        let member = try builder.member(sparse: extents, stored: stored)
        content = ContentCursor(
            extents: extents?.extents ?? [SparseExtent(offset: 0, size: left)],
            size: extents?.realSize ?? left,
            padding: Self.padding(stored)
        )
        return member
    }

    /// Reads one 512-byte block of a sparse map.
    ///
    /// The blocks of pax format 1.0 count as content, those of the old GNU format stand between header and
    /// content.
    private func readMapBlock(_ left: inout Int64, of builder: MemberBuilder) throws -> [UInt8] {
        if !builder.isOldSparse {
            guard left >= Int64(TarHeader.size) else {
                throw TarProblem(
                    .badSparseMap,
                    at: builder.header.offset,
                    "the sparse map is longer than its member"
                )
            }
            left -= Int64(TarHeader.size)
        }
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        try block.withUnsafeMutableBytes { try readExactly($0) }
        return block
    }

    // MARK: Bytes

    private static func padding(_ size: Int64) -> Int64 { (512 - size % 512) % 512 }

    private func skipContent() throws {
        try skip(content.remainingData)
        try skip(content.padding)
        content = ContentCursor()
    }

    private func skip(_ count: Int64) throws {
        guard count > 0 else { return }
        var left = count
        try withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            while left > 0 {
                let part = Int(min(left, Int64(buffer.count)))
                try readExactly(UnsafeMutableRawBufferPointer(rebasing: buffer[0..<part]))
                left -= Int64(part)
            }
        }
    }

    private func readExactly(_ buffer: UnsafeMutableRawBufferPointer) throws {
        guard buffer.count > 0 else { return }
        let count = try source(buffer)
        position += Int64(count)
        guard count == buffer.count else {
            throw TarProblem(.truncated, at: position, "the archive ends inside a member")
        }
    }
}
