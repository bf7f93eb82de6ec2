// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
internal import Digests
package import MetadataStore
package import OCISpec

/// Collects the garbage of the registry while it is in use: manifests that nothing holds, and blobs that no manifest needs.
///
/// A run marks what it finds unreferenced, whose grace begins, and removes that of which the grace has passed. Everything
/// is decided anew in the transaction that acts on it, in small batches; the life of each thing is that of `ContentLife`. A run that is
/// killed leaves only what the next one finds. All calls block; one run at a time.
package struct RegistryCollector: Sendable {
    let storage: any BlobDisposal
    let metadata: any MetadataStore
    let graces: RegistryGraces
    let now: @Sendable () -> Timestamp
    let onChange: @Sendable (RepositoryName) -> Void

    /// Works on these stores.
    ///
    /// - Parameters:
    ///   - storage: the bytes.
    ///   - metadata: the rows.
    ///   - graces: how long what is kept.
    ///   - now: the clock on the wall, for records.
    ///   - onChange: told of repositories whose manifests were marked or removed.
    package init(
        storage: any BlobDisposal,
        metadata: any MetadataStore,
        graces: RegistryGraces,
        now: @escaping @Sendable () -> Timestamp,
        onChange: @escaping @Sendable (RepositoryName) -> Void
    ) {
        self.storage = storage
        self.metadata = metadata
        self.graces = graces
        self.now = now
        self.onChange = onChange
    }

    /// Marks, and removes what is due.
    ///
    /// - Returns: what was done, with its end noted.
    /// - Throws: what the stores and the observer throw.
    package func run(_ run: CollectionRun, _ observer: CollectionObserver) throws -> CollectionRun {
        let run = RegistryRun(self, run, observer)
        try run.mark()
        try run.sweep()
        return run.run
    }

    /// Tells what a run would remove at this moment, and changes nothing.
    package func preview(_ run: CollectionRun, _ observer: CollectionObserver) throws -> CollectionRun {
        let run = RegistryRun(self, run, observer)
        try run.preview()
        return run.run
    }

    /// What must have been unreferenced since before that moment to go now.
    func deadline(_ grace: Duration) -> Timestamp { metadata.collectionClock.now().before(grace) }
}
