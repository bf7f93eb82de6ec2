// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
package import Digests
internal import MetadataStore
package import OCISpec

/// Reading blobs through a repository.
package struct PullBlob: Sendable {
    private let stores: RegistryStores

    /// Works on these stores.
    package init(_ stores: RegistryStores) { self.stores = stores }

    /// The size of a blob, from the metadata alone.
    ///
    /// Whoever was told may refer to the blob for one grace: see `RegistryStores.hit`.
    /// - Throws: `blobUnknown` unless the repository has it.
    package func size(of digest: OCIDigest, in repository: RepositoryName) async throws -> Int64 {
        let size = try await stores.hit(digest, in: repository)
        guard let size else {
            throw RegistryProblem(.blobUnknown, "the repository '\(repository)' has no blob \(digest)")
        }
        return size
    }

    /// Opens a blob.
    ///
    /// - Throws: `blobUnknown` unless the repository has it; `blobLost` if its file is gone or has another length, which
    ///   must not look to clients as if the blob had never been there.
    package func open(_ digest: OCIDigest, in repository: RepositoryName) async throws -> any BlobContent {
        let size = try await size(of: digest, in: repository)
        guard let content = try await stores.blobs.open(digest), content.size == size else {
            throw RegistryProblem(.blobLost, "the storage has lost the blob \(digest)")
        }
        return content
    }
}
