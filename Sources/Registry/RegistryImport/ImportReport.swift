// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What an import did, and what it would not do.
package struct ImportReport: Codable, Hashable, Sendable {
    package var repositories = 0
    /// New ones.
    package var manifests = 0
    /// Those that were there already.
    package var manifestsPresent = 0
    /// Tags that were made or moved.
    package var tags = 0
    /// Tags that pointed to the right manifest already, or that were kept where they were.
    package var tagsKept = 0
    package var blobsLinked = 0
    package var blobsCopied = 0
    package var blobsPresent = 0
    /// The sizes of the blobs that were linked or copied.
    package var bytes: Int64 = 0
    /// Children that an index names and the source does not have.
    package var childrenMissing = 0
    package var refused: [Refusal] = []

    /// Something that was not imported.
    package struct Refusal: Codable, Hashable, Sendable {
        package let repository: String
        /// `manifest sha256:…`, `tag 1.0`.
        package let subject: String
        package let reason: String
    }

    /// Nothing yet.
    package init() {}
}
