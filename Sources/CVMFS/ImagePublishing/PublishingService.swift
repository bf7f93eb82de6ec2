// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Logging
package import MetadataStore

/// Publishes on a thread of its own: wakes when a tag changed, and works until nothing is pending.
///
/// Trouble that is not an image's fault is logged and tried again, after one second at first and at most after a minute.
package final class PublishingService: Sendable {
    private let worker: PublishingWorker
    private let signal: PublicationSignal

    /// - Parameters:
    ///   - signal: raised when a tag changed.
    ///   - logger: where outcomes are told.
    ///   - makePublisher: opens the repository; called on the thread, again after the writer's lease was lost. Its
    ///     argument tells whether the program is stopping.
    package init(
        signal: PublicationSignal,
        logger: Logger,
        makePublisher: @escaping @Sendable (@escaping @Sendable () -> Bool) throws -> ImagePublisher
    ) {
        self.signal = signal
        worker = PublishingWorker(logger: logger, makePublisher: makePublisher)
    }

    /// Runs until the task is cancelled; then ends the work in hand, which is done again at the next start.
    package func run() async {
        let changes = signal.listen()
        worker.start()
        for await _ in changes { worker.wake() }
        await worker.stop()
    }
}
