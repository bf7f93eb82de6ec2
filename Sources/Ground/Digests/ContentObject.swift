// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// An object that holds the content of a file or of a chunk, and in which form.
///
/// - Source: cvmfs-format A.5.
package struct ContentObject: Hashable, Sendable {
    package let hash: ContentHash
    /// Whether the object's bytes are the content itself; else they are its zlib stream.
    package let isPlain: Bool

    package init(_ hash: ContentHash, isPlain: Bool = false) {
        self.hash = hash
        self.isPlain = isPlain
    }
}
