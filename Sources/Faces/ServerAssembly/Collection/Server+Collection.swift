// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Dispatch
internal import GarbageCollection
internal import ImagePublishing
internal import RegistryService
internal import Synchronization

extension Server {
    /// Adds the garbage collection, which asks the publisher's thread for what only the writer of a repository may do.
    func addCollection(_ publishing: PublishingService) {
        let (path, metadata, stores) = (data.path, metadata, registryStores)
        let desk = CollectionSetup.desk(
            configuration,
            data: data,
            blobs: blobs,
            metadata: metadata,
            writing: { name, job in
                try Self.wait {
                    try await publishing.perform { publisher in
                        do {
                            if let writer = try publisher.writer(of: name) { return try job(writer) }
                        } catch let problem as PublisherProblem where problem.code == .lostLease {
                            // Somebody has ingested an archive since this writer was opened.
                        }
                        return try CollectionSetup.withOwnWriter(
                            of: name,
                            data: path,
                            metadata: metadata,
                            job
                        )
                    }
                }
            },
            onChange: { stores.forgetManifests(of: $0) }
        )
        collection = desk
        add(
            service: CollectionService(
                desk: desk,
                interval: configuration.collectionInterval,
                logger: logger
            )
        )
    }

    /// Waits on a thread that may block for what a task does.
    private static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws
        -> Value
    {
        let result = PendingResult<Value>()
        Task { result.set(await Self.result(of: body)) }
        return try result.wait().get()
    }

    private static func result<Value: Sendable>(
        of body: @Sendable () async throws -> Value
    ) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

/// A result that a thread waits for.
private final class PendingResult<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, any Error>?>(nil)
    private let semaphore = DispatchSemaphore(value: 0)

    func set(_ result: Result<Value, any Error>) {
        value.withLock { $0 = result }
        semaphore.signal()
    }

    func wait() -> Result<Value, any Error> {
        semaphore.wait()
        return value.withLock { $0 } ?? .failure(CancellationError())
    }
}
