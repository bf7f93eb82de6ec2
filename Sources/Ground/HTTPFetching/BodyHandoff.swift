// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import NIOCore
internal import Synchronization

/// Carries an answer from the task that reads the network to the blocked thread that uses it.
///
/// The thread does the hashing, inflating and writing, so that neither the cooperative pool nor an event loop ever
/// waits for a disk. At most `bound` buffers are under way: then the task waits, and with it the sender.
final class BodyHandoff: Sendable {
    /// What the task hands over, in order: one head, any number of chunks, one end.
    enum Event {
        case head(AnswerHead)
        case chunk(ByteBuffer)
        case end(FetchProblem?)
    }

    private struct State {
        var events: [Event] = []
        var producer: CheckedContinuation<Void, Never>?
        var abandoned = false
    }

    private static let bound = 16
    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)

    /// Hands over one event, and waits while too many are under way.
    ///
    /// Returns `false` when nobody listens any more.
    func offer(_ event: Event) async -> Bool {
        let isFull = state.withLock { state in
            state.events.append(event)
            return state.events.count >= Self.bound && !state.abandoned
        }
        arrived.signal()
        if isFull {
            await withCheckedContinuation { continuation in
                let resumesNow = state.withLock { state in
                    guard state.events.count >= Self.bound, !state.abandoned else { return true }
                    state.producer = continuation
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        }
        return state.withLock { !$0.abandoned }
    }

    /// Waits for the next event; blocks the calling thread, so never call it from a task.
    func next() -> Event {
        while true {
            arrived.wait()
            let (event, producer) = state.withLock { state -> (Event?, CheckedContinuation<Void, Never>?) in
                guard !state.events.isEmpty else { return (nil, nil) }
                let event = state.events.removeFirst()
                guard state.events.count < Self.bound / 2 else { return (event, nil) }
                defer { state.producer = nil }
                return (event, state.producer)
            }
            producer?.resume()
            if let event { return event }
        }
    }

    /// The thread wants no more: wakes the task, whose next offer says so.
    func abandon() {
        let producer = state.withLock { state in
            state.abandoned = true
            state.events.removeAll()
            defer { state.producer = nil }
            return state.producer
        }
        producer?.resume()
    }
}
