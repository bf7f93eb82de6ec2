// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

/// Wakes one thread that waits for work, and lets it go in the end.
final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let closed = Atomic(false)

    /// There is something to do.
    func signal() { semaphore.signal() }

    /// There will never be anything again.
    func close() {
        closed.store(true, ordering: .relaxed)
        semaphore.signal()
    }

    var isClosed: Bool { closed.load(ordering: .relaxed) }

    /// Waits for either.
    func wait() { semaphore.wait() }
}
