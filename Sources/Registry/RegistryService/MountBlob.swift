// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import MetadataStore
package import OCISpec

/// Making a blob of one repository a blob of another, without sending it again.
package struct MountBlob: Sendable {
    private let stores: RegistryStores

    /// Works on these stores.
    package init(_ stores: RegistryStores) { self.stores = stores }

    /// Links a blob to `repository`; `false` if there is nothing to link, so that the client must upload it.
    ///
    /// Without a `source` any repository will do from which whoever asks `mayPull`: to others it must not even show that
    /// the blob exists.
    package func callAsFunction(
        _ digest: OCIDigest,
        from source: RepositoryName?,
        to repository: RepositoryName,
        mayPull: (RepositoryName) async throws -> Bool
    ) async throws -> Bool {
        guard let source = try await readable(digest, source, mayPull) else { return false }
        let now = stores.now()
        return try await stores.metadata.write { transaction in
            let size = try transaction.repository(named: source).flatMap {
                try transaction.blobSize(digest, in: $0)
            }
            guard let size else { return false }
            let target = try transaction.makeRepository(named: repository, at: now)
            try transaction.linkBlob(digest, size: size, to: target, at: now)
            return true
        }
    }

    /// The repository to take the blob from.
    private func readable(
        _ digest: OCIDigest,
        _ source: RepositoryName?,
        _ mayPull: (RepositoryName) async throws -> Bool
    ) async throws -> RepositoryName? {
        if let source { return try await mayPull(source) ? source : nil }
        let candidates = try await stores.metadata.read { transaction in
            try transaction.repositories(having: digest, limit: Self.searchLimit)
        }
        for candidate in candidates where try await mayPull(candidate) { return candidate }
        return nil
    }

    /// A blob of many repositories is in so many private ones only by a strange chance; it is then uploaded again.
    private static let searchLimit = 256
}
