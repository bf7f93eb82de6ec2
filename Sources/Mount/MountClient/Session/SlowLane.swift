// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import Dispatch
internal import FUSEWire
internal import Synchronization

/// Answers the requests that have to wait for the network, on threads that are started when they are needed.
///
/// Reads of large files, which may wait long, leave some threads to everything else: a look-up is a small thing.
/// The queue is bounded by the kernel: each request belongs to a process that waits, or to the read-ahead, which the
/// kernel limits.
final class SlowLane: Sendable {
    /// One request, copied out of the receive buffer.
    struct Job: Sendable {
        let device: FUSEDevice
        let message: [UInt8]
        /// Whether it may take long, because a large object is to be fetched.
        let isLarge: Bool
        /// When the kernel's request came; `nil` where nobody measures.
        let arrival: ContinuousClock.Instant?
    }

    private struct State {
        var jobs: [Job] = []
        var threadCount = 0
        var idleCount = 0
        var largeCount = 0
        var isClosed = false

        /// The next job that may run; those that came first go first, as far as they may.
        mutating func take() -> Job? {
            let mayBeLarge = largeCount < SlowLane.largeLimit
            guard let index = jobs.firstIndex(where: { mayBeLarge || !$0.isLarge }) else { return nil }
            if jobs[index].isLarge { largeCount += 1 }
            return jobs.remove(at: index)
        }
    }

    private static let threadLimit = 32
    private static let largeLimit = 28
    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)
    private let mount: MountState

    init(_ mount: MountState) { self.mount = mount }

    /// Adds a request; never waits.
    func add(_ job: Job) {
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            guard state.idleCount < state.jobs.count, state.threadCount < Self.threadLimit else {
                return false
            }
            state.threadCount += 1
            return true
        }
        if needsThread { _ = WorkerThread("wharf-fetch") { [self] in work() } }
        arrived.signal()
    }

    /// Lets the threads end after what is queued.
    func close() {
        let count = state.withLock { state in
            state.isClosed = true
            return state.threadCount
        }
        for _ in 0..<count { arrived.signal() }
    }

    private func work() {
        let handler = RequestHandler(mount, policy: .mayFetch)
        while let job = next() {
            job.message.withUnsafeBytes { message in
                // The fast lane decoded the same bytes before.
                guard let request = try? Request(message) else { return }
                if handler.handle(request) == .answer {
                    _ = handler.reply.withMessage { job.device.send($0) }
                    handler.sent(request)
                    if let arrival = job.arrival {
                        handler.latencies?.note(RequestKind(request.operation), since: arrival)
                    }
                }
            }
            if job.isLarge { endLarge() }
        }
    }

    private func endLarge() {
        let isWaitedFor = state.withLock { state in
            state.largeCount -= 1
            return state.jobs.contains { $0.isLarge }
        }
        // The signal of that job was spent on a thread that found it was not its turn.
        if isWaitedFor { arrived.signal() }
    }

    private func next() -> Job? {
        while true {
            state.withLock { $0.idleCount += 1 }
            arrived.wait()
            let (job, isClosed) = state.withLock { state in
                state.idleCount -= 1
                return (state.take(), state.isClosed)
            }
            if let job { return job }
            if isClosed { return nil }
        }
    }
}
