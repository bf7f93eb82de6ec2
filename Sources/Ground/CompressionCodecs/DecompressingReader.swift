// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Reads a layer blob as the tar stream inside: gzip (also of several members), zstd (also of several frames), or
/// uncompressed, told apart by their first bytes, since media types lie.
///
/// Memory is constant: one input buffer of 256 KiB and the decoder's window.
package final class DecompressingReader {
    /// The container format, known after the first read.
    package enum Format: String, Sendable {
        case gzip, zstd, uncompressed
    }

    /// The format found; `nil` before the first read.
    package private(set) var format: Format?

    private let source: (UnsafeMutableRawBufferPointer) throws -> Int
    private var decoder: any StreamDecoder = StoredDecoder()
    private let buffer: UnsafeMutableRawBufferPointer
    private var available = 0..<0
    private var sourceEnded = false
    private var ended = false

    /// - Parameter source: fills a buffer from the blob and returns the number of bytes, 0 at its end.
    package init(_ source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        self.source = source
        self.buffer = .allocate(byteCount: 256 << 10, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Fills `output` as far as the stream goes; returns fewer bytes only at its end.
    ///
    /// - Throws: `CompressionProblem`, and what the source throws.
    package func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        if format == nil { try detectFormat() }
        var filled = 0
        while filled < output.count, !ended {
            if available.isEmpty, !sourceEnded { try refill() }
            let input = UnsafeRawBufferPointer(rebasing: buffer[available])
            let space = UnsafeMutableRawBufferPointer(rebasing: output[filled...])
            let step = try decoder.decode(input, into: space)
            available = (available.lowerBound + step.consumed)..<available.upperBound
            filled += step.produced
            if sourceEnded, available.isEmpty, step.produced == 0 {
                try decoder.finish()
                ended = true
            }
        }
        return filled
    }

    private func refill() throws {
        let count = try source(buffer)
        available = 0..<count
        sourceEnded = count == 0
    }

    /// Collects at least the four bytes that tell the formats apart.
    private func detectFormat() throws {
        var count = 0
        while count < 4 {
            let more = try source(UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            if more == 0 {
                sourceEnded = true
                break
            }
            count += more
        }
        available = 0..<count
        let magic = Array(buffer[0..<min(count, 4)])
        if magic.starts(with: [0x1f, 0x8b]) {
            format = .gzip
            decoder = GzipDecoder()
        } else if magic == [0x28, 0xb5, 0x2f, 0xfd] || Self.isSkippableFrame(magic) {
            format = .zstd
            decoder = ZstdDecoder()
        } else {
            format = .uncompressed
        }
    }

    /// A zstd file may begin with a skippable frame, as zstd:chunked and seekable files do.
    private static func isSkippableFrame(_ magic: [UInt8]) -> Bool {
        magic.count == 4 && magic[0] & 0xf0 == 0x50 && Array(magic[1...]) == [0x2a, 0x4d, 0x18]
    }
}
