// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GarbageCollection
internal import MetadataStore
internal import MetadataStoreSQLite
internal import NIOPosix
internal import Synchronization
internal import Telemetry

/// Gathers what `/metrics` shows.
struct MetricsPage: Sendable {
    let requests: RequestMetrics
    let mode: OperatingMode
    let metadata: SQLiteMetadataStore
    let dataDirectory: String
    let threads: NIOThreadPool
    /// When the first whitelist ends, unix seconds.
    let whitelistExpiry: @Sendable () -> Int64?
    /// The garbage collection, if the server has one.
    let collection: CollectionDesk?
    let waitingClients: @Sendable () -> Int
    let startTime: Int64
    private let counted = CountedRows()

    init(
        requests: RequestMetrics,
        mode: OperatingMode,
        metadata: SQLiteMetadataStore,
        dataDirectory: String,
        threads: NIOThreadPool,
        whitelistExpiry: @escaping @Sendable () -> Int64?,
        collection: CollectionDesk?,
        waitingClients: @escaping @Sendable () -> Int
    ) {
        self.collection = collection
        self.requests = requests
        self.mode = mode
        self.metadata = metadata
        self.dataDirectory = dataDirectory
        self.threads = threads
        self.whitelistExpiry = whitelistExpiry
        self.waitingClients = waitingClients
        startTime = WallClock.now().millisecondsSince1970 / 1_000
    }

    /// The page; without the figures of the database if that does not answer, for the rest is wanted then most of all.
    func text() async -> String {
        var page = MetricsText()
        page.add(requests)
        page.add(.activeRequests, requests.active.load(ordering: .relaxed))
        page.add(.connections, requests.connections.load(ordering: .relaxed))
        page.add(.receivedBytes, requests.received.load(ordering: .relaxed))
        page.add(.sentBytes, requests.sent.load(ordering: .relaxed))
        page.add(.waitingClients, waitingClients())
        page.add(.isReadOnly, mode.isReadOnly ? 1 : 0)
        if let rows = await counted.rows(in: metadata) { Self.add(rows, to: &page) }
        if let expiry = whitelistExpiry() { page.add(.whitelistExpiry, expiry) }
        if let collection { Self.add(collection, to: &page) }
        let data = dataDirectory
        // Without threads there are no figures of the process, and the server is ending.
        if let disk = try? await threads.runIfActive({ DiskFigures.read(data) }) {
            page.add(.databaseBytes, disk.database)
            if let free = disk.free { page.add(.freeBytes, free) }
            page.add(.processCPU, disk.process.processorTime)
            page.add(.processMemory, disk.process.residentBytes)
            page.add(.processOpenFiles, disk.process.openFiles)
            page.add(.processMaximumFiles, disk.process.maximumFiles)
        }
        page.add(.processStart, startTime)
        return page.text
    }

    private static func add(_ collection: CollectionDesk, to page: inout MetricsText) {
        let totals = collection.totals
        page.add(.collectionRuns, totals.runs)
        page.add(.collectionFailures, totals.failures)
        page.add(
            .collectionRemoved,
            byLabel: ["manifests", "links", "blobs", "trees", "layers", "objects"].map {
                ($0, Int(clamping: totals.removed[$0] ?? 0))
            }
        )
        page.add(.collectionFreedBytes, totals.freedBytes)
        page.add(.collectionLastSuccess, totals.lastSuccess)
        page.add(.isCollecting, collection.current == nil ? 0 : 1)
    }

    private static func add(_ rows: MetadataStatistics, to page: inout MetricsText) {
        page.add(.repositories, rows.repositories)
        page.add(.tags, rows.tags)
        page.add(.manifests, rows.manifests)
        page.add(.blobs, rows.blobs)
        page.add(.blobBytes, rows.blobBytes)
        page.add(.quarantinedBlobs, rows.quarantinedBlobs)
        page.add(.uploads, rows.uploads)
        page.add(
            .publications,
            byLabel: PublicationState.allCases.map { ($0.rawValue, rows.publications[$0.rawValue] ?? 0) }
        )
    }
}

/// What blocks.
private struct DiskFigures: Sendable {
    var database: Int64
    var free: Int64?
    var process: ProcessFigures

    static func read(_ data: String) -> DiskFigures {
        DiskFigures(
            database: ProcessFigures.size(of: data + "/wharf.db")
                + ProcessFigures.size(of: data + "/wharf.db-wal"),
            free: ProcessFigures.freeBytes(at: data),
            process: ProcessFigures.read()
        )
    }
}

/// The counts of the database, which take a while where there are millions of rows: read every ten seconds at most.
private final class CountedRows: Sendable {
    private let last = Mutex<(rows: MetadataStatistics, time: ContinuousClock.Instant)?>(nil)

    func rows(in metadata: SQLiteMetadataStore) async -> MetadataStatistics? {
        if let known = last.withLock({ $0 }), ContinuousClock.now - known.time < .seconds(10) {
            return known.rows
        }
        // Whether the database answers is for /readyz to say.
        guard let rows = try? await metadata.statistics() else { return nil }
        last.withLock { $0 = (rows, ContinuousClock.now) }
        return rows
    }
}
