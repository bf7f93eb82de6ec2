// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// A part of a file's content that is one object of a repository.
package struct StoredPiece: Hashable, Sendable {
    /// Plain size in bytes.
    package var size: Int64
    package var object: ContentHash
    /// Whether the object holds the bytes as they are, and not compressed.
    ///
    /// Only a whole file's object may: one flag says it for all chunks of a file.
    package var isPlain: Bool

    package init(size: Int64, object: ContentHash, isPlain: Bool = false) {
        self.size = size
        self.object = object
        self.isPlain = isPlain
    }
}

/// The content of a regular file as objects: one piece is a whole-file object, several are chunks.
package struct StoredContent: Hashable, Sendable {
    package var pieces: [StoredPiece]

    package init(pieces: [StoredPiece]) { self.pieces = pieces }

    /// Plain size in bytes.
    package var size: Int64 { pieces.reduce(0) { $0 + $1.size } }

    package var isChunked: Bool { pieces.count > 1 }
}
