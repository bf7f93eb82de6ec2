// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Logging
package import MetadataStore

/// Publishes on a thread of its own: wakes when a tag changed or a blob arrived, and works until nothing is pending.
///
/// Trouble that is not an image's fault is logged and tried again, after one second at first and at most after a minute.
package final class PublishingService: Sendable {
    private let worker: PublishingWorker
    private let signal: PublicationSignal

    /// - Parameters:
    ///   - signal: raised when a tag changed.
    ///   - logger: where outcomes are told.
    ///   - makePool: makes the threads that ingest layers; its argument is to be called after each layer.
    ///   - makePublisher: opens the repository; called on the thread, again after the writer's lease was lost.
    package init(
        signal: PublicationSignal,
        logger: Logger,
        makePool: @escaping @Sendable (@escaping @Sendable () -> Void) -> LayerIngestPool,
        makePublisher: @escaping @Sendable (LayerIngestPool) throws -> ImagePublisher
    ) {
        self.signal = signal
        worker = PublishingWorker(logger: logger, makePool: makePool, makePublisher: makePublisher)
    }

    /// Begins to read a blob that has just arrived, if it looks like a layer of an image that will be published.
    ///
    /// Returns at once.
    package func note(_ arrival: BlobArrival) { worker.note(arrival) }

    /// Why publications wait, for as long as they do: a full disk, a database that is away.
    ///
    /// `nil` when all goes well.
    package var delay: String? { worker.delay }

    /// Runs a job on the writer's thread, between two rounds of publication: what changes a published repository besides
    /// the publication of tags belongs here.
    ///
    /// - Throws: `stopped` if the service ends first, else what opening the repositories and the job throw.
    package func perform<Value: Sendable>(
        _ job: @escaping @Sendable (ImagePublisher) throws -> Value
    ) async throws -> Value {
        try await worker.perform(job)
    }

    /// Runs until the task is cancelled; then ends the work in hand, which is done again at the next start.
    package func run() async {
        let changes = signal.listen()
        worker.start()
        for await _ in changes { worker.wake() }
        await worker.stop()
    }
}
