// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CDeflate
internal import CISAL
internal import CZlib

/// How objects are compressed.
///
/// All three write zlib streams, so every CVMFS client reads them; they differ in speed, size, and in whether
/// the bytes (and so the names) equal those of the stock publisher.
package enum CompressionProfile: String, Sendable, CaseIterable, Codable {
    /// ISA-L level 1: about 15 times as fast as zlib, objects about 14 % larger.
    case fast
    /// libdeflate level 6: about 2.7 times as fast as zlib at a slightly better ratio.
    case compact
    /// zlib level 6, byte for byte what the stock publisher writes.
    case identical
}

/// Compresses whole buffers to zlib streams.
///
/// Keep one per thread: it owns the encoder's tables.
package final class ObjectCompressor {
    /// The profile that was asked for.
    package let profile: CompressionProfile
    private let encoder: any BufferEncoder

    package init(_ profile: CompressionProfile) {
        self.profile = profile
        switch profile {
        case .fast: encoder = ISALEncoder()
        case .compact: encoder = DeflateEncoder()
        case .identical: encoder = ZlibEncoder()
        }
    }

    /// Returns one zlib stream of everything in `input`.
    package func compress(_ input: UnsafeRawBufferPointer) -> [UInt8] { encoder.encode(input) }

    /// Returns one zlib stream of everything in `input`.
    package func compress(_ input: [UInt8]) -> [UInt8] { input.withUnsafeBytes { compress($0) } }
}

private protocol BufferEncoder {
    func encode(_ input: UnsafeRawBufferPointer) -> [UInt8]
}

private final class DeflateEncoder: BufferEncoder {
    private let compressor: OpaquePointer

    init() {
        guard let compressor = libdeflate_alloc_compressor(6) else { preconditionFailure("out of memory") }
        self.compressor = compressor
    }

    deinit { libdeflate_free_compressor(compressor) }

    func encode(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        let bound = libdeflate_zlib_compress_bound(compressor, input.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            count = libdeflate_zlib_compress(
                compressor,
                input.baseAddress ?? UnsafeRawPointer(compressor),
                input.count,
                output.baseAddress,
                bound
            )
            precondition(count > 0, "libdeflate's bound was too small")
        }
    }
}

private final class ZlibEncoder: BufferEncoder {
    func encode(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        let bound = Int(compressBound(uLong(input.count)))
        return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            var size = uLongf(bound)
            let source = input.assumingMemoryBound(to: UInt8.self).baseAddress
            let code = compress2(output.baseAddress, &size, source, uLong(input.count), 6)
            precondition(code == Z_OK, "zlib's bound was too small")
            count = Int(size)
        }
    }
}

private final class ISALEncoder: BufferEncoder {
    private let stream: UnsafeMutablePointer<isal_zstream>
    private let levelBuffer: UnsafeMutablePointer<UInt8>
    /// ISA-L counts in 32 bits and expands incompressible input a little.
    private let fallback = DeflateEncoder()

    init() {
        guard let stream = wharf_deflate_state_new() else { preconditionFailure("out of memory") }
        self.stream = stream
        levelBuffer = .allocate(capacity: Int(wharf_isal_level1_buffer_size))
    }

    deinit {
        free(stream)
        levelBuffer.deallocate()
    }

    func encode(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        guard input.count < Int(UInt32.max) / 2 else { return fallback.encode(input) }
        // Stored blocks cost 5 bytes for each 64 KiB, header and trailer 6.
        let bound = input.count + input.count / 4096 + 64
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            count = wharf_isal_compress_zlib(
                stream,
                levelBuffer,
                wharf_isal_level1_buffer_size,
                input.assumingMemoryBound(to: UInt8.self).baseAddress,
                input.count,
                output.baseAddress,
                bound
            )
        }
        return compressed.isEmpty ? fallback.encode(input) : compressed
    }
}
