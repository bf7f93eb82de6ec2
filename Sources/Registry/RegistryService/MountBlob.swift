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
    /// Without a `source` any repository will do, as everyone may read all of them.
    package func callAsFunction(
        _ digest: OCIDigest,
        from source: RepositoryName?,
        to repository: RepositoryName
    ) async throws -> Bool {
        let now = stores.now()
        return try await stores.metadata.write { transaction in
            var size: Int64?
            if let source {
                size = try transaction.repository(named: source).flatMap {
                    try transaction.blobSize(digest, in: $0)
                }
            } else {
                size = try transaction.anyBlobSize(digest)
            }
            guard let size else { return false }
            let target = try transaction.makeRepository(named: repository, at: now)
            try transaction.linkBlob(digest, size: size, to: target, at: now)
            return true
        }
    }
}
