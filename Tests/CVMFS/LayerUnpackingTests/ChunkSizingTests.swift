// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import LayerUnpacking
import Testing

@Suite struct ChunkSizingTests {
    @Test(
        "the size of the pieces follows from the size of the file",
        arguments: [
            (0, nil), (2 << 20, nil), (2 << 20 | 1, 1 << 20), (256 << 20, 1 << 20), (256 << 20 | 1, 4 << 20),
            (.max, 4 << 20),
        ] as [(Int64, Int64?)]
    )
    func standard(size: Int64, pieces: Int64?) { #expect(ChunkSizing().pieceSize(ofFileOf: size) == pieces) }

    @Test(
        "whatever is configured, a file that is cut gives more than one piece, and no piece is empty",
        arguments: [(0, 0), (-1, -1), (1, 1), (1, 5), (512 << 20, 512 << 20), (.max, .max)]
            as [(Int64, Int64)]
    )
    func configured(threshold: Int64, size: Int64) {
        let sizing = ChunkSizing(threshold: threshold, size: size)
        for file in [1, 2, 3, 1 << 20, 300 << 20, 600 << 20, .max] as [Int64] {
            guard let piece = sizing.pieceSize(ofFileOf: file) else { continue }
            #expect(piece > 0 && piece < file)
        }
    }
}
