// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Foundation
internal import ImagePublishing
internal import LayerUnpacking
internal import Logging
internal import ManagementHTTP
internal import MetadataStoreSQLite
internal import NIOPosix
internal import Problems
internal import RegistryService
internal import ServiceLifecycle

extension Server {
    /// The repository that shows images when the configuration names none.
    package static let defaultRepository = "unpacked.wharf.internal"

    /// Adds the publisher and the calls that tell of it.
    ///
    /// The repository with its keys and a valid whitelist is there when this returns, before anything is served.
    package func addPublishing() async throws {
        guard let repository = RepositoryFQRN(Self.defaultRepository) else { return }
        let setup = ImagePublisher.Configuration(
            data: data.path,
            repository: repository,
            registry: name,
            podmanImageLimit: configuration.podmanImageLimit,
            sizing: configuration.chunkSizing,
            terms: configuration.publicationTerms
        )
        let makePool: @Sendable (@escaping @Sendable () -> Void) -> LayerIngestPool = { [blobs] onDone in
            LayerIngestPool(storage: blobs, onDone: onDone)
        }
        let makePublisher: @Sendable (LayerIngestPool) throws -> ImagePublisher = {
            [metadata, blobs] pool in
            try ImagePublisher(
                configuration: setup,
                store: metadata,
                records: metadata,
                storage: blobs,
                pool: pool,
                now: { Int64(Date().timeIntervalSince1970) }
            )
        }
        try await threads.runIfActive {
            let pool = makePool {}
            defer { pool.stop() }
            _ = try makePublisher(pool)
        }
        let writer = RepositoryWriter(data: data.path, records: metadata, terms: setup.terms)
        let watch = WhitelistWatch(writer: writer, threads: threads, logger: logger)
        try await watch.renew()
        add(service: watch)
        whitelistExpiries = { watch.known }
        let publishing = PublishingService(
            signal: metadata.publicationSignal,
            logger: logger,
            makePool: makePool,
            makePublisher: makePublisher
        )
        add(service: PublishingEngine(service: publishing))
        addCollection(publishing)
        arrivals.listen { digest, size, repository in
            publishing.note(BlobArrival(digest: digest, sizeInBytes: size, repository: repository))
        }
        let inspector = ImageInspector(
            data: data.path,
            store: metadata,
            records: metadata,
            storage: blobs,
            layerLimit: setup.limits.layers
        )
        let management = ManagementResponder(
            images: ImagesResponder(
                metadata: metadata,
                inspector: inspector,
                registry: name,
                threads: threads,
                reception: access.reception,
                now: WallClock.now,
                delay: { publishing.delay }
            ),
            repositories: RepositoriesResponder(
                writer: writer,
                scratch: data.temporary,
                threads: threads,
                reception: access.reception
            ),
            access: AccessResponder(access.calls, reception: access.reception)
        )
        add(face: management, under: "api")
    }
}

/// The publisher in the group of services: it ends when the shutdown begins.
private struct PublishingEngine: Service {
    let service: PublishingService

    func run() async throws {
        await cancelWhenGracefulShutdown { [service] in await service.run() }
    }
}
