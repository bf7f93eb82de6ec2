// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Foundation
internal import Logging
internal import MetadataStore
internal import Telemetry

/// The thread of a publishing service: the one writer of all that it publishes.
final class PublishingWorker: @unchecked Sendable {
    private let logger: Logger
    private let makePool: @Sendable (@escaping @Sendable () -> Void) -> LayerIngestPool
    private let makePublisher: @Sendable (LayerIngestPool) throws -> ImagePublisher

    /// Guards what follows.
    private let condition = NSCondition()
    private var isDue = true
    private var arrivals: [BlobArrival] = []
    private var errands: [Errand] = []
    private var isStopping = false
    private var whenEnded: [CheckedContinuation<Void, Never>] = []
    private var isRunning = false
    /// Why nothing gets further at the moment.
    private var trouble: DelayReason?

    private static let shortestPause: TimeInterval = 1
    private static let longestPause: TimeInterval = 60
    private static let arrivalLimit = 4096
    /// How long the thread sleeps when nobody wakes it.
    private static let idlePause: TimeInterval = 3600

    init(
        logger: Logger,
        makePool: @escaping @Sendable (@escaping @Sendable () -> Void) -> LayerIngestPool,
        makePublisher: @escaping @Sendable (LayerIngestPool) throws -> ImagePublisher
    ) {
        self.logger = logger
        self.makePool = makePool
        self.makePublisher = makePublisher
    }

    func start() {
        condition.withLock { isRunning = true }
        let thread = Thread {
            // Only a thread itself can give itself the name that is seen from outside.
            Thread.current.name = "publisher"
            self.work()
        }
        thread.start()
    }

    func wake() {
        condition.lock()
        isDue = true
        condition.broadcast()
        condition.unlock()
    }

    /// Notes a blob that may be a layer of an image to come.
    func note(_ arrival: BlobArrival) {
        condition.lock()
        // What does not fit is read when its manifest comes.
        if arrivals.count < Self.arrivalLimit { arrivals.append(arrival) }
        isDue = true
        condition.broadcast()
        condition.unlock()
    }

    /// Runs a job on the writer's thread between two rounds.
    ///
    /// - Throws: `stopped` if the thread ends before the job's turn, else what opening the repositories and the job throw.
    func perform<Value: Sendable>(
        _ job: @escaping @Sendable (ImagePublisher) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let errand = Errand { publisher in
                continuation.resume(with: Result { try job(publisher.get()) })
            }
            condition.lock()
            let isRefused = isStopping || !isRunning
            if !isRefused { errands.append(errand) }
            isDue = true
            condition.broadcast()
            condition.unlock()
            if isRefused { errand.run(.failure(Self.stopped)) }
        }
    }

    /// A job that runs exactly once, with the publisher or with why there is none.
    private struct Errand {
        let run: (Result<ImagePublisher, any Error>) -> Void
    }

    private static var stopped: PublisherProblem { PublisherProblem(.stopped, "the server is stopping") }

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

    /// Why publications wait, for as long as they do; `nil` when all goes well.
    var delay: String? { condition.withLock { trouble?.rawValue } }

    private var shouldStop: Bool { condition.withLock { isStopping } }

    private func work() {
        let pool = makePool { [weak self] in self?.wake() }
        var publisher: ImagePublisher?
        var pause = Self.shortestPause
        while !shouldStop {
            do {
                let current = try publisher ?? makePublisher(pool)
                publisher = current
                try publishAll(current)
                pause = Self.shortestPause
                let rest = pool.timeToNextTry.map { $0 / .seconds(1) } ?? Self.idlePause
                waitForWork(atMost: min(rest, Self.idlePause))
            } catch {
                guard !shouldStop else { break }
                logger.error("publication is delayed", metadata: [LogKey.error.name: "\(error)"])
                // The repository is opened anew: the cause may be a lost lease.
                publisher = nil
                condition.withLock {
                    isDue = false
                    trouble = DelayReason(error)
                }
                runErrands(with: .failure(error))
                waitForWork(atLeast: Self.shortestPause, atMost: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
        pool.stop()
        condition.lock()
        isRunning = false
        condition.unlock()
        runErrands(with: .failure(Self.stopped))
        condition.lock()
        let waiting = whenEnded
        whenEnded = []
        condition.unlock()
        for continuation in waiting { continuation.resume() }
    }

    private func publishAll(_ publisher: ImagePublisher) throws {
        let now = Int64(Date().timeIntervalSince1970)
        let last = publisher.lastPublication
        if now < last - 60 {
            // Nothing is blocked: times of publication only grow.
            logger.warning(
                "the clock stepped back",
                metadata: [LogKey.clock.name: "\(now)", LogKey.repositoryTimestamp.name: "\(last)"]
            )
        }
        while let arrivals = takeWork() {
            runErrands(with: .success(publisher))
            for arrival in arrivals {
                try publisher.anticipate(arrival.digest, size: arrival.sizeInBytes, in: arrival.repository)
            }
            do {
                for outcome in try publisher.round() { tell(outcome) }
                condition.withLock { trouble = nil }
            } catch let trouble as PublicationTrouble {
                for outcome in trouble.outcomes { tell(outcome) }
                throw trouble.cause
            }
        }
    }

    private func runErrands(with publisher: Result<ImagePublisher, any Error>) {
        let due = condition.withLock {
            defer { errands = [] }
            return errands
        }
        for errand in due { errand.run(publisher) }
    }

    /// The blobs that arrived, if anything at all is to be looked at.
    private func takeWork() -> [BlobArrival]? {
        condition.withLock {
            guard isDue, !isStopping else { return nil }
            isDue = false
            defer { arrivals = [] }
            return arrivals
        }
    }

    private func tell(_ outcome: ImagePublisher.Outcome) {
        let record = outcome.record
        let message: Logger.Message
        var level = Logger.Level.info
        switch outcome {
        case .published: message = "image published"
        case .removed: message = "image removed"
        case .unpublished: message = "manifest is not published"
        case .failed:
            message = "image cannot be published"
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

    /// Sleeps until somebody wakes the thread, though no less than a while, or until the time is over; both are a reason to
    /// look at what is pending.
    private func waitForWork(atLeast pause: TimeInterval = 0, atMost seconds: TimeInterval) {
        condition.lock()
        defer { condition.unlock() }
        let start = Date()
        while !isStopping {
            let end = start.addingTimeInterval(isDue ? pause : seconds)
            guard end > Date() else { break }
            _ = condition.wait(until: end)
        }
        isDue = true
    }
}
