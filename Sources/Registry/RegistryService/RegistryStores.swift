// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
internal import Digests
package import MetadataStore
package import OCISpec

/// What the registry's use cases work on.
package struct RegistryStores: Sendable {
    package let blobs: any BlobStorage
    package let metadata: any MetadataStore
    /// What was read lately.
    let manifests = ManifestMemory()
    /// Who wants to know of uploaded blobs.
    package let arrivals = BlobArrivals()
    /// The clock on the wall.
    package let now: @Sendable () -> Timestamp

    /// Joins the parts.
    package init(
        blobs: any BlobStorage,
        metadata: any MetadataStore,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.blobs = blobs
        self.metadata = metadata
        self.now = now
    }

    /// Looks for a blob on which somebody may rely from now on: what no manifest needs has its grace begin anew.
    ///
    /// The common case, a blob that a manifest needs or that came lately, costs no write: it cannot vanish before a mark
    /// has found it unreferenced and the grace has passed after that.
    func hit(_ digest: OCIDigest, in repository: RepositoryName) async throws -> Int64? {
        let found = try await metadata.read { transaction in
            try transaction.repository(named: repository).flatMap {
                try transaction.blobStanding(digest, in: $0)
            }
        }
        guard let found, found.isUnreferenced else { return found?.size }
        let now = metadata.collectionClock.now()
        let isThere = try await metadata.write { transaction in
            try transaction.repository(named: repository).map {
                try transaction.renewBlob(digest, in: $0, at: now)
            } ?? false
        }
        return isThere ? found.size : nil
    }

    /// Sees to it that the bytes of a blob, if there are any, are not removed while they are stored again.
    func hold(_ digest: OCIDigest) async throws {
        guard try await metadata.read({ try $0.isBlobAtRisk(digest) }) else { return }
        let now = metadata.collectionClock.now()
        try await metadata.write { try $0.holdBlob(digest, at: now) }
    }

    /// Forgets what was remembered of a repository's manifests, after somebody else has changed them.
    package func forgetManifests(of repository: RepositoryName) { manifests.forget(repository) }
}
