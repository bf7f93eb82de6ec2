// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// How far one step of a decoder came.
struct DecodingStep {
    /// Bytes of input that were used up.
    var consumed: Int
    /// Bytes of output that were written.
    var produced: Int
}

/// A decoder that is fed with pieces of input of any size.
protocol StreamDecoder: AnyObject {
    /// Decodes until the input is used up or the output is full. A step may do neither when it only changes state.
    func decode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionProblem) -> DecodingStep

    /// Says that the input ended; throws `truncated` if more was due.
    func finish() throws(CompressionProblem)
}

/// Hands the input through.
final class StoredDecoder: StreamDecoder {
    func decode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionProblem) -> DecodingStep {
        let count = min(input.count, output.count)
        output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input.prefix(count)))
        return DecodingStep(consumed: count, produced: count)
    }

    func finish() throws(CompressionProblem) {}
}
