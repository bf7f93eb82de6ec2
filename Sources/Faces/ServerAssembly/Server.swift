// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
internal import GarbageCollection
package import HTTPDelivery
package import Hummingbird
internal import IdentityProviders
package import Logging
package import MetadataStoreSQLite
package import NIOPosix
internal import Problems
internal import RegistryHTTP
internal import RegistryService
package import RepositoryHTTP
package import ServiceLifecycle
internal import UnixSignals

/// The server's parts, built in the order in which they depend on each other.
///
/// Whoever adds to the server does it between `init` and `run`: a background engine with `add(service:)`, a face with
/// `add(face:under:)`.
package final class Server {
    /// As it was given, with the port that is really listened on.
    package let configuration: ServerConfiguration
    package let data: DataDirectory
    /// The threads for calls that block.
    package let threads: NIOThreadPool
    package let blobs: DirectoryBlobStorage
    package let metadata: SQLiteMetadataStore
    package let logger: Logger
    /// The name under which images appear in published paths.
    package let name: String

    /// Who may do what.
    let access: ServerAccess

    /// Tells of uploaded blobs.
    let arrivals: BlobArrivals

    /// Where `.cvmfspublished` comes from; by default from the files.
    package var publishedManifests: any PublishedManifestSource

    /// What the server does at the moment.
    package let mode: OperatingMode

    /// When the whitelist of each published repository ends, unix seconds.
    var whitelistExpiries: @Sendable () -> [String: Int64] = { [:] }

    /// The garbage collection, and the calls that ask for it.
    var collection: CollectionDesk?

    let registryStores: RegistryStores

    private let accessLogger: Logger?

    private let certificate: ServerCertificate?
    private let shutdownNotice = ShutdownNotice()
    private var services: [any Service] = []
    private var faces: [String: any HTTPResponder<SiteContext>] = [:]

    /// Opens the data directory and builds the registry.
    ///
    /// Blocks for a moment.
    ///
    /// - Throws: `ServerProblem`, `BlobProblem` or `MetadataProblem`, before anything is listened on.
    package init(_ configuration: ServerConfiguration, loggers: ServerLoggers) async throws {
        certificate = try configuration.certificateFiles.map { try ServerCertificate($0) }
        var configuration = configuration
        configuration.listen = try PortProbe.resolve(configuration.listen)
        self.configuration = configuration
        logger = loggers.server
        accessLogger = loggers.access
        mode = OperatingMode(isReadOnly: configuration.isReadOnly)
        data = try DataDirectory(opening: configuration.dataDirectory)
        threads = NIOThreadPool(numberOfThreads: 8)
        threads.start()
        blobs = try DirectoryBlobStorage(root: data.path, threads: threads)
        metadata = try SQLiteMetadataStore(path: data.database)
        name = try await ServerName.fix(configuration, in: metadata, logger: logger)
        access = try await ServerAccess(configuration, name: name, metadata: metadata, logger: logger)

        publishedManifests = RecordedManifests(
            metadata: metadata,
            files: ManifestFiles(directory: data.repositories, threads: threads)
        )

        let stores = RegistryStores(blobs: blobs, metadata: metadata, now: WallClock.now)
        registryStores = stores
        arrivals = stores.arrivals
        faces["v2"] = RegistryResponder(
            stores,
            RegistryPolicy(
                manifestSizeLimitInBytes: configuration.manifestLimitInBytes,
                sparseIndexes: configuration.sparseIndexes,
                isClosing: { [shutdownNotice] in shutdownNotice.isGiven }
            ),
            reception: access.reception,
            tokens: access.tokens
        )
        faces["service"] = TokenResponder(access.reception)
        services.append(
            AuditSweep(metadata: metadata, retention: configuration.auditRetention, logger: logger)
        )
        services.append(
            UploadSweep(expire: ExpireUploads(stores, lifetime: configuration.uploadExpiry), logger: logger)
        )
    }

    /// Whether there are no accounts yet, so that every local user may write.
    package func isOpen() async throws -> Bool { try await access.reception.access.directory.isOpen() }

    /// Adds an engine that runs from start to shutdown.
    ///
    /// Engines start in the order in which they are added, before the first request is accepted, and are shut
    /// down in reverse, after the last one was answered.
    package func add(service: any Service) { services.append(service) }

    /// Adds a face for all paths whose first segment is `segment`.
    package func add(face: any HTTPResponder<SiteContext>, under segment: String) { faces[segment] = face }

    /// Listens until a signal or a failure ends it; `onRunning` is called once connections are accepted.
    package func run(onRunning: @escaping @Sendable () -> Void) async throws {
        let keys = KeyResponder(directory: data.keys, threads: threads, isSecure: certificate != nil)
        faces["keys"] = gate(keys, suffix: ".pub", nothing: KeyResponder.answerOfNothing)
        let feed = ManifestFeed(publishedManifests, limit: configuration.noticeLimit)
        faces["cvmfs"] = gate(
            RepositoryResponder(
                directory: data.repositories,
                manifests: publishedManifests,
                notices: NoticeResponder(feed, pace: configuration.noticePace),
                threads: threads
            ),
            nothing: RepositoryResponder.answerOfNothing
        )
        let metrics = RequestMetrics()
        let responder = observedSite(metrics, feed)
        let http = HTTPService.application(
            responder: responder,
            configuration: configuration,
            certificate: certificate,
            metrics: metrics,
            logger: logger
        ) { [data, configuration] in
            ListenFile.write(configuration.listen, to: data.listenFile)
            onRunning()
        }
        defer { ListenFile.remove(data.listenFile) }
        if let certificate {
            services.append(CertificateWatch(certificate, threads: threads, logger: logger))
        }
        // Those at the end hear of the shutdown first.
        var group = ServiceGroupConfiguration(
            services: services + [
                LocalSocket(data: data, responder: responder, logger: logger), http,
                RevisionNews(feed: feed, signal: metadata.manifestSignal), shutdownNotice,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // Connections end by themselves at the deadline; this is for what might not.
        group.maximumGracefulShutdownDuration = configuration.shutdownTimeout + .seconds(5)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch {
            throw HTTPService.translate(error, address: configuration.listen)
        }
        try await threads.shutdownGracefully()
    }

    /// A face of repositories behind the rule of who may read them.
    private func gate(
        _ face: any HTTPResponder<SiteContext>,
        suffix: String = "",
        nothing: @escaping @Sendable (Request) -> Response
    ) -> PrivateRepositoryGate {
        PrivateRepositoryGate(
            face,
            standings: RecordedStandings(metadata: metadata),
            reception: access.reception,
            isSecure: certificate != nil,
            suffix: suffix,
            nothing: nothing
        )
    }

    /// All faces and probes behind the one that watches every request.
    private func observedSite(_ metrics: RequestMetrics, _ feed: ManifestFeed) -> ObservedResponder {
        let (expiries, slow) = (whitelistExpiries, configuration.slowRequest)
        let page = MetricsPage(
            requests: metrics,
            mode: mode,
            metadata: metadata,
            dataDirectory: data.path,
            threads: threads,
            whitelistExpiry: { expiries().values.min() },
            collection: collection,
            waitingClients: { feed.count }
        )
        let readiness = Readiness(
            metadata: metadata,
            mode: mode,
            dataDirectory: data.path,
            minimumFreeInBytes: Int64(configuration.minimumFreeInBytes),
            whitelistExpiries: expiries
        )
        return ObservedResponder(
            site: SiteResponder(
                faces: faces,
                mode: mode,
                readiness: readiness,
                page: page,
                collection: collection,
                requestLimit: configuration.requestLimit
            ),
            metrics: metrics,
            access: accessLogger,
            slowNanoseconds: slow > .zero ? Int64(clamping: slow.components.seconds &* 1_000_000_000) : nil
        )
    }
}
