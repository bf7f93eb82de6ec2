// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Wakes whoever waits for a kind of change as soon as a commit has made one: a tag that is to be published, or a manifest of
/// record that was swapped.
///
/// It carries no content: several raises before a listener looks are one. A listener looks into the database first and
/// then waits, so nothing is lost.
package final class PublicationSignal: Sendable {
    private let listeners = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])
    private let nextListener = Mutex(0)

    /// Starts without listeners.
    package init() {}

    /// Wakes all listeners.
    package func raise() {
        for listener in listeners.withLock({ Array($0.values) }) { listener.yield() }
    }

    /// A stream that yields after every raise from now on; raises that pile up are yielded once.
    package func listen() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let number = nextListener.withLock { next in
            next += 1
            return next
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { _ = $0.removeValue(forKey: number) }
        }
        listeners.withLock { $0[number] = continuation }
        return stream
    }
}
