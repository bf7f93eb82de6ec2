// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CZstd

/// Decodes a zstd file of one or more frames, step by step.
///
/// The window is at most 128 MiB, zstd's own default limit.
///
/// - Source: RFC 8878.
final class ZstdDecoder: StreamDecoder {
    private let context: OpaquePointer
    private var insideFrame = true

    init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    func decode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionProblem) -> DecodingStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let code = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(code) == 0 else { throw CompressionProblem(.corrupt, format: "zstd") }
        // Between frames, a call without input already asks for the next frame's header.
        if source.pos > 0 || target.pos > 0 { insideFrame = code != 0 }
        return DecodingStep(consumed: source.pos, produced: target.pos)
    }

    func finish() throws(CompressionProblem) {
        if insideFrame { throw CompressionProblem(.truncated, format: "zstd") }
    }
}
