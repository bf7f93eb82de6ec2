// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Lets many requests wait for the next revision of a repository, at the price of one question to the record.
///
/// It is woken when this process swaps a manifest. Another process on the same database, or files that are copied here, are
/// noticed by asking again every `pause`, and only for repositories that somebody waits for. Nothing is queued: whoever
/// was slow gets the newest revision and none between.
package final class ManifestFeed: Sendable {
    /// What a wait ends with.
    package enum Outcome: Sendable, Equatable {
        case newer(SignedRevision)
        /// The time is over, or the client is gone.
        case nothing
        /// The server ends.
        case closed
    }

    private struct Waiter {
        let repository: String
        let revision: UInt64
        let deadline: ContinuousClock.Instant
        let isGone: @Sendable () -> Bool
        let continuation: CheckedContinuation<Outcome?, Never>
    }

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var lastNumber = 0
        var isClosed = false
        /// Grows with every swap that was heard of, so that none is missed between a look and the wait that follows.
        var swaps = 0
        var places = 0
    }

    private let source: any PublishedManifestSource
    private let pause: Duration
    /// How many clients may wait at once.
    let limit: Int
    private let state = Mutex(State())

    /// Waits on behalf of at most `limit` clients.
    ///
    /// - Parameters:
    ///   - source: what is asked.
    ///   - limit: how many clients may wait at once; 0 for none.
    ///   - pause: how often the source is asked for changes that nobody told of, and clients that went are noticed.
    package init(_ source: any PublishedManifestSource, limit: Int, pause: Duration = .seconds(1)) {
        self.source = source
        self.limit = limit
        self.pause = pause
    }

    /// How many clients have a place.
    package var count: Int { state.withLock { $0.places } }

    /// How many of them wait at this moment; the others are being told.
    package var waiting: Int { state.withLock { $0.waiters.count } }

    /// Serves the waiters until it is cancelled; then they are sent away.
    ///
    /// - Parameter swaps: yields after each swap of a manifest in this process.
    package func run(hearing swaps: AsyncStream<Void>) async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in
                for await _ in swaps {
                    state.withLock { $0.swaps += 1 }
                    await refresh()
                }
            }
            group.addTask { [self] in
                while !Task.isCancelled {
                    // Cancellation ends the sleep, and the loop.
                    try? await Task.sleep(for: pause)
                    dismiss()
                    await refresh()
                }
            }
        }
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.continuation.resume(returning: .closed) }
    }

    /// A place among those who wait; `nil` if all are taken.
    ///
    /// It is free again when the value goes.
    package func place() -> Place? {
        let isFree = state.withLock { state in
            guard state.places < limit else { return false }
            state.places += 1
            return true
        }
        return isFree ? Place(self) : nil
    }

    /// One of the places.
    package final class Place: Sendable {
        private let feed: ManifestFeed

        fileprivate init(_ feed: ManifestFeed) { self.feed = feed }

        deinit { feed.state.withLock { $0.places -= 1 } }
    }

    /// The revision of record; `nil` if there is no such repository, or its manifest cannot be read.
    func current(of repository: String) async throws -> SignedRevision? {
        try await source.manifest(of: repository).flatMap { SignedRevision(letter: $0) }
    }

    /// Waits until a repository has a newer revision.
    ///
    /// - Parameters:
    ///   - revision: what the client knows.
    ///   - repository: the repository.
    ///   - time: how long to wait.
    ///   - isGone: whether the client has gone.
    /// - Returns: how it ended; a revision that is there already, at once.
    package func next(
        after revision: UInt64,
        of repository: String,
        within time: Duration,
        isGone: @escaping @Sendable () -> Bool
    ) async throws -> Outcome {
        let deadline = ContinuousClock.now + time
        while true {
            let swaps = state.withLock { $0.swaps }
            if let current = try await current(of: repository), current.revision > revision {
                return .newer(current)
            }
            let outcome = await withCheckedContinuation { continuation in
                let waiter = Waiter(
                    repository: repository,
                    revision: revision,
                    deadline: deadline,
                    isGone: isGone,
                    continuation: continuation
                )
                add(waiter, unlessSwappedSince: swaps)
            }
            if let outcome { return outcome }
        }
    }

    /// Lets a client wait, or look again if a swap was heard of since it looked.
    private func add(_ waiter: Waiter, unlessSwappedSince swaps: Int) {
        let early: Outcome?? = state.withLock { state in
            if state.isClosed { return .some(.closed) }
            guard state.swaps == swaps else { return .some(nil) }
            state.lastNumber += 1
            state.waiters[state.lastNumber] = waiter
            return nil
        }
        if let early { waiter.continuation.resume(returning: early) }
    }

    /// Asks for the repositories that somebody waits for, and tells those whom the answer concerns.
    private func refresh() async {
        let repositories = state.withLock { Set($0.waiters.values.map(\.repository)) }
        for repository in repositories {
            // A source that fails now is asked again after the pause; the requests for the manifest itself say why.
            guard let current = try? await current(of: repository) else { continue }
            let told = take { $0.repository == repository && $0.revision < current.revision }
            for waiter in told { waiter.continuation.resume(returning: .newer(current)) }
        }
    }

    /// Ends the waits that are over.
    private func dismiss() {
        let now = ContinuousClock.now
        for waiter in take({ $0.deadline <= now || $0.isGone() }) {
            waiter.continuation.resume(returning: .nothing)
        }
    }

    private func take(_ isDue: (Waiter) -> Bool) -> [Waiter] {
        state.withLock { state in
            let due = state.waiters.filter { isDue($0.value) }
            for number in due.keys { state.waiters[number] = nil }
            return Array(due.values)
        }
    }
}
