// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CISAL

/// Decodes a gzip file of one or more members, step by step.
///
/// ISA-L inflates about twice as fast as zlib and checks each member's CRC. Zero bytes after the last member are
/// padding; anything else there is an error, since two readers could see different files in it.
/// - Source: RFC 1952.
final class GzipDecoder: StreamDecoder {
    private let state: UnsafeMutablePointer<inflate_state>
    private var stage = Stage.betweenMembers
    private var sawMember = false

    private var header = GzipHeader()

    private enum Stage { case inHeader, inMember, betweenMembers, padding }

    init() {
        guard let state = wharf_inflate_state_new() else { preconditionFailure("out of memory") }
        wharf_isal_inflate_set_gzip(state)
        self.state = state
    }

    deinit { free(state) }

    func decode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionProblem) -> DecodingStep {
        switch stage {
        case .betweenMembers: return try beginMember(input)
        case .padding:
            guard input.allSatisfy({ $0 == 0 }) else {
                throw CompressionProblem(.trailingData, format: "gzip")
            }
            return DecodingStep(consumed: input.count, produced: 0)
        case .inHeader: return try continueHeader(input)
        case .inMember: return try continueMember(input, into: output)
        }
    }

    func finish() throws(CompressionProblem) {
        guard stage == .betweenMembers || stage == .padding, sawMember else {
            throw CompressionProblem(.truncated, format: "gzip")
        }
    }

    private func beginMember(_ input: UnsafeRawBufferPointer) throws(CompressionProblem) -> DecodingStep {
        guard let first = input.first else { return DecodingStep(consumed: 0, produced: 0) }
        if first == 0x1f {
            if sawMember { wharf_isal_inflate_reset(state) }
            stage = .inHeader
            header = GzipHeader()
            sawMember = true
        } else if first == 0, sawMember {
            stage = .padding
        } else {
            throw CompressionProblem(sawMember ? .trailingData : .corrupt, format: "gzip")
        }
        return DecodingStep(consumed: 0, produced: 0)
    }

    /// ISA-L forgets the flags of a header that comes in pieces, so it gets the whole header at once.
    private func continueHeader(_ input: UnsafeRawBufferPointer) throws(CompressionProblem) -> DecodingStep {
        let count = try header.take(input)
        guard header.isComplete else { return DecodingStep(consumed: count, produced: 0) }
        let whole = header.bytes
        var result = Result<DecodingStep, CompressionProblem>.success(DecodingStep(consumed: 0, produced: 0))
        whole.withUnsafeBytes { bytes in
            do throws(CompressionProblem) {
                let nothing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
                result = .success(try continueMember(bytes, into: nothing))
            } catch {
                result = .failure(error)
            }
        }
        guard try result.get().consumed == whole.count else {
            throw CompressionProblem(.corrupt, format: "gzip")
        }
        stage = .inMember
        return DecodingStep(consumed: count, produced: 0)
    }

    private func continueMember(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionProblem) -> DecodingStep {
        var consumed: UInt32 = 0
        var produced: UInt32 = 0
        var finished: Int32 = 0
        let code = wharf_isal_inflate_step(
            state,
            input.assumingMemoryBound(to: UInt8.self).baseAddress,
            UInt32(clamping: input.count),
            output.assumingMemoryBound(to: UInt8.self).baseAddress,
            UInt32(clamping: output.count),
            &consumed,
            &produced,
            &finished
        )
        guard code >= 0 else { throw CompressionProblem(.corrupt, format: "gzip") }
        if finished != 0 { stage = .betweenMembers }
        return DecodingStep(consumed: Int(consumed), produced: Int(produced))
    }
}
