// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

/// Work that nobody waits for, on a few threads that are started when they are needed.
///
/// Bounded: what comes when the queue is full is dropped, since all of it is done again, or better, by whoever needs it.
final class BackgroundLane: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        var threadCount = 0
        var idleCount = 0
        var isClosed = false
    }

    private let name: String
    private let threadLimit: Int
    private let jobLimit: Int
    private let newestFirst: Bool
    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)

    /// Names the threads, and says how many there may be, and how many jobs may wait.
    ///
    /// With `newestFirst` the job that came last is done first, and the oldest is dropped when the queue is full.
    init(_ name: String, threads threadLimit: Int, jobs jobLimit: Int, newestFirst: Bool = false) {
        self.newestFirst = newestFirst
        self.name = name
        self.threadLimit = threadLimit
        self.jobLimit = jobLimit
    }

    /// Adds a job; never waits.
    ///
    /// Returns whether there was room for it.
    @discardableResult
    func add(_ job: @escaping Job) -> Bool {
        let (isTaken, needsThread) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            if state.jobs.count >= jobLimit {
                guard newestFirst else { return (false, false) }
                state.jobs.removeFirst()
            }
            state.jobs.append(job)
            guard state.idleCount < state.jobs.count, state.threadCount < threadLimit else {
                return (true, false)
            }
            state.threadCount += 1
            return (true, true)
        }
        if needsThread { _ = WorkerThread(name) { [self] in work() } }
        if isTaken { arrived.signal() }
        return isTaken
    }

    /// Drops what waits and lets the threads end after what they are at.
    func close() {
        let count = state.withLock { state in
            state.isClosed = true
            state.jobs.removeAll()
            return state.threadCount
        }
        for _ in 0..<count { arrived.signal() }
    }

    private func work() {
        while true {
            state.withLock { $0.idleCount += 1 }
            arrived.wait()
            let (job, isClosed) = state.withLock { state in
                state.idleCount -= 1
                guard !state.jobs.isEmpty else { return (Job?.none, state.isClosed) }
                return (newestFirst ? state.jobs.removeLast() : state.jobs.removeFirst(), state.isClosed)
            }
            guard !isClosed else { return }
            job?()
        }
    }
}
