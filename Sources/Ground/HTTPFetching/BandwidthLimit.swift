// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import TransferPlanning

#if canImport(Glibc)
internal import Glibc
#endif

/// One bound for the bytes of all transfers of a node's mount, whichever servers they come from.
package final class BandwidthLimit: Sendable {
    private let state: Mutex<Bandwidth>
    private let clock = Stopwatch()

    /// A rate; lower ones than `lowestRate` are raised to that.
    package init(bytesPerSecond: Int64) { state = Mutex(Bandwidth(bytesPerSecond: bytesPerSecond)) }

    /// The lowest rate that there is.
    package static var lowestRate: Int64 { Bandwidth.lowestRate }

    /// Takes bytes that came, and blocks the calling thread until more may.
    func take(_ count: Int) {
        let now = clock.now
        let pause = state.withLock { $0.take(count, at: now) }
        if pause > .zero { pause.sleep() }
    }
}

/// The time since a moment, which no change of the wall clock moves.
struct Stopwatch: Sendable {
    private let start = ContinuousClock.now

    var now: Duration { ContinuousClock.now - start }
}

extension Duration {
    /// Blocks the calling thread so long.
    func sleep() {
        usleep(UInt32(clamping: components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000))
    }
}
