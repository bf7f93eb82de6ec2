// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Into how large pieces a file is cut, by its size alone, so that equal files give equal pieces.
///
/// A piece is hashed, compressed and fetched by itself: smaller ones move fewer bytes for a start that reads little of large
/// libraries, larger ones take fewer requests. `docs/decisions/0028-chunk-sizes.md` has the measurements.
package struct ChunkSizing: Sendable, Hashable {
    /// Files of up to so many bytes stay whole.
    package var threshold: Int64 = 2 << 20
    /// Larger ones are cut into pieces of so many bytes.
    package var size: Int64 = 1 << 20
    /// Files above so many bytes are data more than programs: they are read in long runs, and cut into larger pieces.
    package var largeThreshold: Int64 = 256 << 20
    /// The pieces of those, in bytes.
    package var largeSize: Int64 = 4 << 20

    package init() {}

    /// Pieces of one size for all files that are larger than a threshold; no piece is larger than that.
    package init(threshold: Int64, size: Int64) {
        self.threshold = max(1, threshold)
        self.size = min(max(1, size), self.threshold)
        largeThreshold = max(256 << 20, self.threshold)
        largeSize = max(4 << 20, self.size)
    }

    /// The size of a file's pieces in bytes; `nil` for a file that stays whole.
    package func pieceSize(ofFileOf size: Int64) -> Int64? {
        guard size > threshold else { return nil }
        return size > largeThreshold ? largeSize : self.size
    }
}
