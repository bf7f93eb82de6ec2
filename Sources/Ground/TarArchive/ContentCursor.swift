// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Where the reading of a member's content stands: data and holes in their order.
struct ContentCursor {
    private var extents: ArraySlice<SparseExtent> = []
    private var size: Int64 = 0
    private var position: Int64 = 0
    /// Bytes between the end of the data and the next header.
    private(set) var padding: Int64 = 0

    init() {}

    /// - Parameters:
    ///   - extents: sorted, not overlapping, inside the size.
    ///   - size: the size of the file.
    ///   - padding: bytes after the data.
    init(extents: [SparseExtent], size: Int64, padding: Int64) {
        self.extents = extents.filter { $0.size > 0 }[...]
        self.size = size
        self.padding = padding
    }

    /// Data that stand in the archive and were not read yet.
    var remainingData: Int64 {
        guard let first = extents.first else { return 0 }
        let used = max(0, position - first.offset)
        return extents.reduce(0) { $0 + $1.size } - used
    }

    /// The next piece, data of at most `maximum` bytes; moves behind it.
    mutating func next(maximum: Int) -> TarReader.Piece {
        guard let extent = extents.first else {
            guard position < size else { return .end }
            defer { position = size }
            return .hole(size - position)
        }
        if position < extent.offset {
            defer { position = extent.offset }
            return .hole(extent.offset - position)
        }
        let count = min(Int64(maximum), extent.offset + extent.size - position)
        position += count
        if position == extent.offset + extent.size { extents = extents.dropFirst() }
        return .data(Int(count))
    }
}
