// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
package import MetadataStore

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
}
