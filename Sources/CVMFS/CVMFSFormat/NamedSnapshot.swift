// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// A named snapshot: one row of the history database's `tags`.
///
/// - Source: cvmfs-format D.1.
package struct NamedSnapshot: Hashable, Sendable {
    /// Letters, digits and `- _ . / :`.
    package var name: String
    package var rootCatalog: ContentHash
    package var revision: UInt64
    /// When the tag was made, unix seconds.
    package var timestamp: Int64
    package var description: String
    /// Bytes of the root catalog, not compressed.
    package var size: Int64
    /// `""` is the default branch.
    package var branch: String

    package init(
        name: String,
        rootCatalog: ContentHash,
        revision: UInt64,
        timestamp: Int64,
        description: String,
        size: Int64,
        branch: String = ""
    ) {
        self.name = name
        self.rootCatalog = rootCatalog
        self.revision = revision
        self.timestamp = timestamp
        self.description = description
        self.size = size
        self.branch = branch
    }

    /// The head of the repository.
    package static let trunk = "trunk"
    /// The head before the last publication.
    package static let previousTrunk = "trunk-previous"
}
