// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Keeps a reader at a number of bytes per second on average.
package final class ScrubPace: Sendable {
    private let bytesPerSecond: Int64?
    private let start = ContinuousClock.now
    private let passed = Atomic<Int64>(0)

    /// Without a limit, bytes pass as they come.
    package init(bytesPerSecond: Int64?) { self.bytesPerSecond = bytesPerSecond }

    /// Waits until the bytes that have passed, with these, are not too many for the time since the beginning.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits.
    func pass(_ count: Int) async throws {
        let sum = passed.wrappingAdd(Int64(count), ordering: .relaxed).newValue
        guard let bytesPerSecond else { return try Task.checkCancellation() }
        let due = start + .seconds(Double(sum) / Double(bytesPerSecond))
        guard due - ContinuousClock.now > .milliseconds(5) else { return try Task.checkCancellation() }
        try await Task.sleep(until: due, clock: .continuous)
    }
}
