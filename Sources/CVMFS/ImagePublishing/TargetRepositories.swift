// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import MetadataStore

/// The CVMFS repositories that show images, each opened for writing when it is first needed, and made if it is new.
///
/// Not safe to use from two threads.
final class TargetRepositories {
    private let configuration: ImagePublisher.Configuration
    private let records: any PublishedRepositories & ContentMap
    private let pool: LayerIngestPool
    private let now: () -> Int64
    private var opened: [RepositoryFQRN: TargetRepository] = [:]

    init(
        configuration: ImagePublisher.Configuration,
        records: any PublishedRepositories & ContentMap,
        pool: LayerIngestPool,
        now: @escaping () -> Int64
    ) {
        self.configuration = configuration
        self.records = records
        self.pool = pool
        self.now = now
    }

    /// The time of the newest revision of those that are open, unix seconds; 0 if none is.
    var lastPublication: Int64 { opened.values.map(\.publisher.manifest.timestamp).max() ?? 0 }

    /// Whether a repository has been made.
    func isThere(_ name: RepositoryFQRN) throws -> Bool {
        try opened[name] != nil || (records.record(of: name.name)?.revision ?? 0) > 0
    }

    /// Opens a repository; this process is its one writer from then on.
    func open(_ name: RepositoryFQRN) throws -> TargetRepository {
        if let known = opened[name] { return known }
        let location = RepositoryLocation(data: configuration.data, name: name)
        let publisher =
            try isThere(name)
            ? RepositoryPublisher.open(
                location,
                terms: configuration.terms,
                records: records,
                map: records,
                now: now()
            )
            : RepositoryPublisher.create(
                at: location,
                profile: configuration.profile,
                algorithm: configuration.algorithm,
                terms: configuration.terms,
                records: records,
                map: records,
                now: now()
            )
        let ingest = LayerIngest(
            store: publisher.contents,
            pipeline: pool.pipeline,
            limits: configuration.limits,
            sizing: configuration.sizing,
            isStopping: { [pool] in pool.isStopping }
        )
        let target = TargetRepository(
            publisher: publisher,
            ingest: ingest,
            layout: TreeLayout(registry: configuration.registry),
            podmanImageLimit: configuration.podmanImageLimit
        )
        opened[name] = target
        return target
    }
}
