// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GarbageCollection
internal import Logging
internal import MetadataStore
internal import ServiceLifecycle
internal import Telemetry

/// Collects garbage on schedule, and keeps the clock of graces.
struct CollectionService: Service {
    let desk: CollectionDesk
    /// From the end of one collection to the next; zero for none.
    let interval: Duration
    let logger: Logger

    /// A crash makes every grace longer by this at most.
    private static let tick = Duration.seconds(60)

    func run() async throws {
        do {
            try await DeepThread.run(named: "collection") { [desk] in try desk.begin() }
        } catch {
            logger.warning("the clock of graces cannot be kept", metadata: [LogKey.error.name: "\(error)"])
        }
        await withGracefulShutdownHandler {
            await keepTime()
        } onGracefulShutdown: { [desk] in
            desk.stop()
        }
        // What was observed since the last tick; if it cannot be kept, graces are a minute longer.
        try? await DeepThread.run(named: "collection") { [desk] in try desk.keepClock() }
    }

    private func keepTime() async {
        let clock = ContinuousClock()
        var last = clock.now
        while !Task.isShuttingDownGracefully {
            let isDue = interval > .zero && clock.now - last >= interval
            if isDue {
                await collect()
                last = clock.now
            }
            let untilDue = interval > .zero ? max(interval - (clock.now - last), .milliseconds(1)) : Self.tick
            let pause = min(Self.tick, untilDue)
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
            do {
                try await DeepThread.run(named: "collection") { [desk] in try desk.keepClock() }
            } catch {
                logger.warning(
                    "the clock of graces cannot be kept",
                    metadata: [LogKey.error.name: "\(error)"]
                )
            }
        }
    }

    private func collect() async {
        do {
            _ = try await DeepThread.run(named: "collection", givingWay: true) { [desk, logger] in
                try Self.collect(try desk.subjects(), isDryRun: false, at: desk, logger: logger) { _ in }
            }
        } catch let problem as CollectionProblem where problem.code == .stopped || problem.code == .busy {
            // The next start, or whoever is at it, goes on.
        } catch {
            logger.error("garbage collection failed", metadata: [LogKey.error.name: "\(error)"])
        }
    }

    /// Runs over subjects, and tells what was done.
    static func collect(
        _ subjects: [String],
        isDryRun: Bool,
        at desk: CollectionDesk,
        logger: Logger,
        onItem: (CollectedItem) -> Void
    ) throws -> [CollectionRun] {
        try subjects.map { subject in
            let run = try desk.run(subject, isDryRun: isDryRun, onItem: onItem)
            let removed = run.removed.filter { $0.value > 0 }.sorted { $0.key < $1.key }
            guard !isDryRun, !removed.isEmpty else { return run }
            logger.notice(
                "garbage collected",
                metadata: [
                    LogKey.collectionSubject.name: "\(subject)",
                    LogKey.collectionRemoved.name:
                        "\(removed.map { "\($0.value) \($0.key)" }.joined(separator: ", "))",
                    LogKey.collectionFreed.name: "\(run.freedBytes)",
                ]
            )
            return run
        }
    }
}
