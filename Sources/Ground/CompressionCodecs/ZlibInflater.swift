// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CDeflate
internal import CZlib

/// Inflates objects: exactly one zlib stream, nothing before or after it.
///
/// - Source: cvmfs-format A.5; RFC 1950.
package enum ZlibInflater {
    /// Inflates a whole object whose plain size is known.
    ///
    /// - Parameters:
    ///   - input: the object as stored.
    ///   - size: the exact number of plain bytes.
    /// - Returns: the plain bytes.
    /// - Throws: `tooLarge` or `truncated` if the object holds another number of bytes, `corrupt`.
    package static func inflate(
        _ input: UnsafeRawBufferPointer,
        size: Int
    ) throws(CompressionProblem) -> [UInt8] {
        guard let decompressor = libdeflate_alloc_decompressor() else { preconditionFailure("out of memory") }
        defer { libdeflate_free_decompressor(decompressor) }
        var code = LIBDEFLATE_SUCCESS
        var used = 0
        let output = [UInt8](unsafeUninitializedCapacity: max(size, 1)) { buffer, count in
            code = libdeflate_zlib_decompress_ex(
                decompressor,
                input.baseAddress ?? UnsafeRawPointer(decompressor),
                input.count,
                buffer.baseAddress,
                size,
                &used,
                nil
            )
            count = code == LIBDEFLATE_SUCCESS ? size : 0
        }
        switch code {
        case LIBDEFLATE_SUCCESS: break
        case LIBDEFLATE_SHORT_OUTPUT: throw CompressionProblem(.truncated, format: "zlib")
        case LIBDEFLATE_INSUFFICIENT_SPACE: throw CompressionProblem(.tooLarge, format: "zlib")
        default: throw CompressionProblem(.corrupt, format: "zlib")
        }
        guard used == input.count else { throw CompressionProblem(.trailingData, format: "zlib") }
        return output
    }

    /// Inflates a whole object of unknown plain size, up to a limit.
    package static func inflate(
        _ input: UnsafeRawBufferPointer,
        limit: Int
    ) throws(CompressionProblem) -> [UInt8] {
        let stream = ZlibStream()
        var output: [UInt8] = []
        try stream.inflate(input) { (piece) throws(CompressionProblem) in
            guard output.count + piece.count <= limit else {
                throw CompressionProblem(.tooLarge, format: "zlib")
            }
            output.append(contentsOf: piece)
        }
        try stream.finish()
        return output
    }

    /// Whether bytes could be a zlib stream, judged by at most 64 KiB of them.
    ///
    /// Any zlib stream is recognised; what merely begins like one may be, too.
    package static func mayBeStream(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // RFC 1950, 2.2: the method is deflate, and the two bytes are a multiple of 31.
        guard bytes.count > 1, bytes[0] & 0x0f == 8, (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0 else {
            return false
        }
        let enough = UnsafeRawBufferPointer(rebasing: bytes.prefix(64 << 10))
        var produced = 0
        do throws(CompressionProblem) {
            try ZlibStream().inflate(enough) { (piece) throws(CompressionProblem) in
                produced += piece.count
                if produced > 1 << 20 { throw CompressionProblem(.tooLarge, format: "zlib") }
            }
            return true
        } catch {
            return error.code == .tooLarge
        }
    }
}

/// Inflates one zlib stream that arrives in pieces; for objects too large for memory.
package final class ZlibStream {
    private let stream: UnsafeMutablePointer<z_stream>
    private let buffer: UnsafeMutableRawBufferPointer
    private var ended = false

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        precondition(wharf_inflate_init(stream, 15) == Z_OK, "inflateInit2")
        buffer = .allocate(byteCount: 64 << 10, alignment: 16)
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        buffer.deallocate()
    }

    /// Inflates a piece of the stream and hands the output on, at most 64 KiB at a time.
    ///
    /// `body` throws the same type, so that a limit can stop a bomb; other failures are kept by the caller.
    package func inflate(
        _ input: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(CompressionProblem) -> Void
    ) throws(CompressionProblem) {
        guard input.count > 0 else { return }
        guard !ended else { throw CompressionProblem(.trailingData, format: "zlib") }
        let source = input.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        repeat {
            stream.pointee.next_out = buffer.assumingMemoryBound(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(buffer.count)
            let code = CZlib.inflate(stream, Z_NO_FLUSH)
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                throw CompressionProblem(.corrupt, format: "zlib")
            }
            ended = code == Z_STREAM_END
            let produced = buffer.count - Int(stream.pointee.avail_out)
            try body(UnsafeRawBufferPointer(rebasing: buffer[0..<produced]))
            if ended, stream.pointee.avail_in > 0 { throw CompressionProblem(.trailingData, format: "zlib") }
        } while !ended && (stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0)
    }

    /// Says that the input ended.
    package func finish() throws(CompressionProblem) {
        if !ended { throw CompressionProblem(.truncated, format: "zlib") }
    }
}
