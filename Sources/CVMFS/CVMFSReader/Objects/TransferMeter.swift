// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPFetching
internal import Synchronization

/// Counts the objects that came over the network, and their bytes as they were sent.
package final class TransferMeter: Sendable {
    /// What was counted.
    package struct Sum: Sendable, Equatable {
        package var objects: UInt64 = 0
        package var bytes: UInt64 = 0
        /// The time of all transfers, those at the same time counted each.
        package var duration = Duration.zero
    }

    /// The last so many objects stand for how the network is now.
    private static let recentCount = 16
    /// Fewer say nothing: the first ones open connections.
    private static let leastCount = 4
    private static let settledCount = 8

    private struct State {
        var sum = Sum()
        /// What the first bytes of the last probes took, in a ring.
        var recent: [Duration] = []
        var next = 0

        mutating func note(_ duration: Duration) {
            if recent.count < TransferMeter.recentCount {
                recent.append(duration)
            } else {
                recent[next] = duration
                next = (next + 1) % recent.count
            }
        }
    }

    private let counted = Mutex(State())

    /// The sums as of now.
    package var sum: Sum { counted.withLock { $0.sum } }

    /// How long the first byte of a small object takes that somebody waits for.
    package struct RoundTrip: Sendable, Equatable {
        /// The lower quartile of the last ones, of the first few the shortest.
        package var duration: Duration
        /// Whether there were enough to tell a way that is somewhat long from a machine that is busy.
        package var isSettled: Bool

        package init(_ duration: Duration, isSettled: Bool) {
            self.duration = duration
            self.isSettled = isSettled
        }
    }

    /// What the last first bytes say; `nil` before there were four.
    ///
    /// Large objects wait for their turn, and what is fetched ahead makes its own traffic: they would
    /// take load for distance.
    package var roundTrip: RoundTrip? {
        let recent = counted.withLock { $0.recent }.sorted()
        guard recent.count >= Self.leastCount else { return nil }
        let isSettled = recent.count >= Self.settledCount
        return RoundTrip(recent[isSettled ? recent.count / 4 : 0], isSettled: isSettled)
    }

    /// Runs a transfer into a receiver and counts it, also what came before it failed.
    ///
    /// - Parameters:
    ///   - receiver: takes the content.
    ///   - isProbe: whether it tells how far the network is: see `roundTrip`.
    ///   - transfer: runs it.
    /// - Returns: what `transfer` returns.
    /// - Throws: what it throws.
    func measure<Result>(
        _ receiver: any ContentReceiver,
        isProbe: Bool,
        _ transfer: (any ContentReceiver) throws -> Result
    ) throws -> Result {
        let gauge = Gauge(receiver)
        let start = ContinuousClock.now
        defer {
            let duration = ContinuousClock.now - start
            counted.withLock { state in
                state.sum.bytes &+= gauge.byteCount
                state.sum.duration += duration
                if gauge.isComplete {
                    state.sum.objects &+= 1
                    if isProbe, let first = gauge.first { state.note(first - start) }
                }
            }
        }
        return try transfer(gauge)
    }

    /// Passes everything on, and counts it.
    private final class Gauge: ContentReceiver {
        private let receiver: any ContentReceiver
        var byteCount: UInt64 = 0
        var isComplete = false
        /// When the first byte came.
        var first: ContinuousClock.Instant?

        init(_ receiver: any ContentReceiver) { self.receiver = receiver }

        func restart() throws { try receiver.restart() }

        func receive(_ bytes: UnsafeRawBufferPointer) throws {
            if first == nil { first = .now }
            byteCount &+= UInt64(bytes.count)
            try receiver.receive(bytes)
        }

        func finish() throws {
            try receiver.finish()
            isComplete = true
        }
    }
}
