// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Foundation
internal import Logging
internal import MetadataStore
internal import Telemetry

/// The thread of a publishing service.
final class PublishingWorker: @unchecked Sendable {
    private let logger: Logger
    private let makePublisher: @Sendable (@escaping @Sendable () -> Bool) throws -> ImagePublisher

    /// Guards what follows.
    private let condition = NSCondition()
    private var isDue = true
    private var isStopping = false
    private var whenEnded: [CheckedContinuation<Void, Never>] = []
    private var isRunning = false

    private static let longestPause: TimeInterval = 60
    /// How long the thread sleeps when nobody wakes it.
    private static let idlePause: TimeInterval = 3600

    init(
        logger: Logger,
        makePublisher: @escaping @Sendable (@escaping @Sendable () -> Bool) throws -> ImagePublisher
    ) {
        self.logger = logger
        self.makePublisher = makePublisher
    }

    func start() {
        condition.withLock { isRunning = true }
        let thread = Thread { self.work() }
        thread.name = "publisher"
        thread.start()
    }

    func wake() {
        condition.lock()
        isDue = true
        condition.broadcast()
        condition.unlock()
    }

    func stop() async {
        await withCheckedContinuation { continuation in
            condition.lock()
            isStopping = true
            condition.broadcast()
            let hasEnded = !isRunning
            if !hasEnded { whenEnded.append(continuation) }
            condition.unlock()
            if hasEnded { continuation.resume() }
        }
    }

    private var shouldStop: Bool { condition.withLock { isStopping } }

    private func work() {
        var publisher: ImagePublisher?
        var pause: TimeInterval = 1
        while !shouldStop {
            do {
                let current = try publisher ?? makePublisher { [self] in shouldStop }
                publisher = current
                try publishAll(current)
                pause = 1
                waitForWork(atMost: Self.idlePause)
            } catch {
                guard !shouldStop else { break }
                logger.error("publication is delayed", metadata: [LogKey.error.name: "\(error)"])
                // The repository is opened anew: the cause may be a lost lease.
                publisher = nil
                waitForWork(atMost: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
        condition.lock()
        isRunning = false
        let waiting = whenEnded
        whenEnded = []
        condition.unlock()
        for continuation in waiting { continuation.resume() }
    }

    private func publishAll(_ publisher: ImagePublisher) throws {
        let now = Int64(Date().timeIntervalSince1970)
        let last = publisher.publisher.manifest.timestamp
        if now < last - 60 {
            // Nothing is blocked: times of publication only grow.
            logger.warning(
                "the clock stepped back",
                metadata: [LogKey.clock.name: "\(now)", LogKey.repositoryTimestamp.name: "\(last)"]
            )
        }
        while !shouldStop {
            condition.withLock { isDue = false }
            let pending = try publisher.pending(limit: 64)
            guard !pending.isEmpty else { return }
            var trouble: (any Error)?
            for record in pending {
                guard !shouldStop else { return }
                do {
                    tell(try publisher.process(record))
                } catch let problem as PublisherProblem where problem.code == .lostLease {
                    throw problem
                } catch {
                    // What keeps one tag from being published need not keep the others.
                    trouble = error
                }
            }
            if let trouble { throw trouble }
        }
    }

    private func tell(_ outcome: ImagePublisher.Outcome) {
        let record: PublicationRecord
        let message: Logger.Message
        var level = Logger.Level.info
        switch outcome {
        case .published(let published): (record, message) = (published, "image published")
        case .removed(let removed): (record, message) = (removed, "image removed")
        case .unpublished(let unpublished): (record, message) = (unpublished, "manifest is not published")
        case .failed(let failed):
            (record, message) = (failed, "image cannot be published")
            level = .warning
        }
        var metadata: Logger.Metadata = [
            "image.repository": "\(record.repository)", "image.tag": "\(record.tag)",
        ]
        if let digest = record.digest { metadata["image.digest"] = "\(digest)" }
        if let revision = record.revision { metadata["repository.revision"] = "\(revision)" }
        if let reason = record.error ?? record.reason { metadata["reason"] = "\(reason)" }
        logger.log(level: level, message, metadata: metadata)
    }

    private func waitForWork(atMost seconds: TimeInterval) {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: seconds)
        while !isDue, !isStopping {
            guard condition.wait(until: deadline) else { return }
        }
    }
}
