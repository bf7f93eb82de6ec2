// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
internal import LayerUnpacking
internal import TarArchive

/// Cuts a member's content into pieces and hands them to the pipeline.
final class ContentCutter {
    private let pipeline: ContentPipeline
    private let store: ContentStore
    private let sizing: ChunkSizing
    /// Holes are hashed and compressed once for each size of chunk.
    private var zeros: [Int: ContentPipeline.Ticket] = [:]

    init(pipeline: ContentPipeline, store: ContentStore, sizing: ChunkSizing) {
        self.pipeline = pipeline
        self.store = store
        self.sizing = sizing
    }

    func cut(_ tar: TarReader, size: Int64) throws -> [ContentPipeline.Ticket] {
        let pieceSize = sizing.pieceSize(ofFileOf: size)
        let isChunked = pieceSize != nil
        var tickets: [ContentPipeline.Ticket] = []
        var left = size
        var hole: Int64 = 0
        repeat {
            let count = Int(min(left, pieceSize ?? left))
            if isChunked, hole == 0, case .hole(let found) = tar.nextHole() { hole = found }
            if isChunked, hole >= Int64(count) {
                hole -= Int64(count)
                tickets.append(zeroChunk(count))
            } else {
                let piece = try read(tar, count: count, hole: &hole)
                tickets.append(pipeline.submit(piece, isChunk: isChunked, to: store))
            }
            left -= Int64(count)
        } while left > 0
        return tickets
    }

    /// Reads a piece.
    ///
    /// What a hole has beyond the piece is left in `hole`.
    private func read(_ tar: TarReader, count: Int, hole: inout Int64) throws -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: count)
        try piece.withUnsafeMutableBytes { buffer in
            var filled = 0
            while filled < buffer.count {
                if hole > 0 {
                    let part = Int(min(hole, Int64(buffer.count - filled)))
                    hole -= Int64(part)
                    filled += part
                    continue
                }
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                switch try tar.readContent(into: rest) {
                case .data(let part): filled += part
                case .hole(let size): hole = size
                case .end: throw TarProblem(.truncated, at: 0, "a member is shorter than its header says")
                }
            }
        }
        return piece
    }

    private func zeroChunk(_ size: Int) -> ContentPipeline.Ticket {
        if let known = zeros[size] { return known }
        let ticket = pipeline.submit([UInt8](repeating: 0, count: size), isChunk: true, to: store)
        zeros[size] = ticket
        return ticket
    }
}
