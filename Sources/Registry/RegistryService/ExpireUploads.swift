// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import MetadataStore

/// Ending uploads that nobody continues.
package struct ExpireUploads: Sendable {
    private let stores: RegistryStores
    private let lifetime: Duration

    /// Ends uploads to which nothing came for `lifetime`.
    package init(_ stores: RegistryStores, lifetime: Duration) {
        self.stores = stores
        self.lifetime = lifetime
    }

    /// Removes expired uploads and bytes that belong to no upload, and returns how many.
    package func callAsFunction() async throws -> Int {
        let deadline = stores.now().before(lifetime)
        let expired = try await stores.metadata.write { transaction in
            let uploads = try transaction.uploads(untouchedSince: deadline)
            for upload in uploads { _ = try transaction.deleteUpload(upload.id) }
            return uploads
        }
        var removed = 0
        // An upload's row is written before its bytes, so bytes without a row are left over from a crash.
        for id in try await stores.blobs.uploads() {
            guard try await stores.metadata.read({ try $0.upload(id.description) }) == nil else { continue }
            try await stores.blobs.discardUpload(id)
            removed += 1
        }
        return max(removed, expired.count)
    }
}
