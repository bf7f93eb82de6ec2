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

    private let counted = Mutex(Sum())

    /// The sums as of now.
    package var sum: Sum { counted.withLock { $0 } }

    /// Runs a transfer into a receiver and counts it, also what came before it failed.
    func measure<Result>(
        _ receiver: any ContentReceiver,
        _ transfer: (any ContentReceiver) throws -> Result
    ) throws -> Result {
        let gauge = Gauge(receiver)
        let start = ContinuousClock.now
        defer {
            counted.withLock { sum in
                sum.bytes &+= gauge.byteCount
                sum.duration += ContinuousClock.now - start
                if gauge.isComplete { sum.objects &+= 1 }
            }
        }
        return try transfer(gauge)
    }

    /// Passes everything on, and counts it.
    private final class Gauge: ContentReceiver {
        private let receiver: any ContentReceiver
        var byteCount: UInt64 = 0
        var isComplete = false

        init(_ receiver: any ContentReceiver) { self.receiver = receiver }

        func restart() throws { try receiver.restart() }

        func receive(_ bytes: UnsafeRawBufferPointer) throws {
            byteCount &+= UInt64(bytes.count)
            try receiver.receive(bytes)
        }

        func finish() throws {
            try receiver.finish()
            isComplete = true
        }
    }
}
