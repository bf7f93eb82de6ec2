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
    ///
    /// An upload that is being written to stays, however long that takes. The lifetime is observed time, so that no jump
    /// of the wall clock ends an upload.
    package func callAsFunction() async throws -> Int {
        let deadline = stores.metadata.collectionClock.now().before(lifetime)
        var expired: Set<UploadID> = []
        for upload in try await stores.metadata.read({ try $0.uploads(untouchedSince: deadline) }) {
            guard let id = UploadID(upload.id), try await !isBusy(id) else { continue }
            let isExpired = try await stores.metadata.write { transaction in
                // Somebody may have gone on with it meanwhile.
                guard let now = try transaction.upload(upload.id), now.touched < deadline else {
                    return false
                }
                return try transaction.deleteUpload(upload.id)
            }
            if isExpired { expired.insert(id) }
        }
        // An upload's row is written before its bytes, so bytes without a row are left over from a crash, or from above.
        for id in try await stores.blobs.uploads() {
            guard try await stores.metadata.read({ try $0.upload(id.description) }) == nil else { continue }
            try await stores.blobs.discardUpload(id)
            expired.insert(id)
        }
        return expired.count
    }

    private func isBusy(_ id: UploadID) async throws -> Bool {
        do {
            try await stores.blobs.withUpload(id) { _ in }
            return false
        } catch let problem as BlobProblem where problem.code == .uploadBusy {
            return true
        }
    }
}
