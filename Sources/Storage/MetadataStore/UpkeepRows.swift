// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What those ask who look after the registry: which bytes there ought to be, and whom it hurts if they are not.
package protocol UpkeepRows {
    /// Up to `limit` blobs that repositories have, in byte order after `last`, those in quarantine too.
    func blobs(after last: String?, limit: Int) throws -> [BlobRecord]

    /// Takes a blob out of the sight of all repositories that have it, until it is uploaded again.
    func quarantineBlob(_ digest: OCIDigest, at now: Timestamp) throws

    /// Ends the quarantine of a blob whose bytes are found to be right; does nothing if it is in none.
    func releaseBlob(_ digest: OCIDigest) throws

    /// The manifests that need a blob, directly or through those they list, in byte order of their repositories.
    func manifests(needing digest: OCIDigest) throws -> [ManifestUse]
}

/// A blob that repositories have.
package struct BlobRecord: Hashable, Sendable {
    package let digest: OCIDigest
    /// In bytes, as it was uploaded.
    package let size: Int64
    /// Whether its bytes were found damaged or gone.
    package let isQuarantined: Bool

    /// Joins the columns of a row.
    package init(digest: OCIDigest, size: Int64, isQuarantined: Bool) {
        self.digest = digest
        self.size = size
        self.isQuarantined = isQuarantined
    }
}

/// A manifest as people know it: by its repository and tags.
package struct ManifestUse: Hashable, Sendable, Codable {
    package let repository: String
    package let digest: String
    /// In byte order; empty if nothing points to the manifest itself.
    package let tags: [String]

    /// Joins the columns of rows.
    package init(repository: String, digest: String, tags: [String]) {
        self.repository = repository
        self.digest = digest
        self.tags = tags
    }
}
