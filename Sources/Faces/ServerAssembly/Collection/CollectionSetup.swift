// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
package import BlobStorage
package import CVMFSFormat
package import CVMFSPublisher
package import GarbageCollection
internal import MetadataStore
package import MetadataStoreSQLite
package import OCISpec
internal import PublicationRules

/// The collectors of a data directory as its configuration wants them.
package enum CollectionSetup {
    /// Joins the parts.
    ///
    /// - Parameters:
    ///   - configuration: the graces.
    ///   - data: the data directory.
    ///   - blobs: the registry's blobs.
    ///   - metadata: the database.
    ///   - writing: the way to the writers of published repositories.
    ///   - onChange: told of repositories whose manifests were marked or removed.
    /// - Returns: where runs are asked for.
    package static func desk(
        _ configuration: ServerConfiguration,
        data: DataDirectory,
        blobs: DirectoryBlobStorage,
        metadata: SQLiteMetadataStore,
        writing: @escaping RepositoryCollector.Writing,
        onChange: @escaping @Sendable (RepositoryName) -> Void
    ) -> CollectionDesk {
        func unlessZero(_ grace: Duration) -> Duration? { grace > .zero ? grace : nil }
        let registry = RegistryCollector(
            storage: blobs,
            metadata: metadata,
            graces: RegistryGraces(
                blobs: configuration.blobGrace,
                untagged: unlessZero(configuration.untaggedGrace),
                referrers: unlessZero(configuration.referrerGrace)
            ),
            now: WallClock.now,
            onChange: onChange
        )
        let repositories = RepositoryCollector(
            data: data.path,
            scratch: data.temporary,
            records: metadata,
            graces: RepositoryGraces(
                trees: configuration.treeGrace,
                layers: configuration.layerGrace,
                objects: configuration.objectGrace
            ),
            now: WallClock.now,
            showsLayers: { repository in
                try metadata.readBlocking { transaction in
                    let project = try transaction.project(named: ProjectName(of: repository))
                    return try project.map { try transaction.publicationRules(of: $0).showsLayers } ?? false
                }
            },
            writing: writing
        )
        return CollectionDesk(
            metadata: metadata,
            registry: registry,
            repositories: repositories,
            now: WallClock.now
        )
    }

    /// Runs a job with a writer that is opened for it alone.
    ///
    /// - Throws: what opening and the job throw.
    package static func withOwnWriter<Value>(
        of name: RepositoryFQRN,
        data: String,
        metadata: SQLiteMetadataStore,
        _ job: (RepositoryPublisher) throws -> Value
    ) throws -> Value {
        let publisher = try RepositoryPublisher.open(
            RepositoryLocation(data: data, name: name),
            records: metadata,
            map: metadata,
            now: WallClock.now().secondsSince1970
        )
        return try job(publisher)
    }
}
