// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// One row of the reflog: an object that was ever a root of something.
///
/// - Source: cvmfs-format B.9.
package struct ReflogReference: Hashable, Sendable {
    /// What the object is; the raw value is the `type` column.
    package enum Kind: Int64, Sendable, CaseIterable {
        case catalog = 0
        case certificate = 1
        case history = 2
        case metainfo = 3
    }

    package var hash: ContentHash
    package var kind: Kind
    /// When it was added, unix seconds.
    package var timestamp: Int64

    package init(hash: ContentHash, kind: Kind, timestamp: Int64) {
        self.hash = hash
        self.kind = kind
        self.timestamp = timestamp
    }
}
