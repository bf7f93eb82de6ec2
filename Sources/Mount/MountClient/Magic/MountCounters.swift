// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What a mount counts from its start.
package struct MountCounts: Sendable, Equatable {
    /// Requests of the kernel that were answered.
    package var requests: UInt64 = 0
    /// Those among them that had to wait for the network.
    package var fetches: UInt64 = 0
    /// Files opened; without requests for opens none are counted.
    package var opens: UInt64 = 0
    /// Directories listed from their beginning.
    package var listings: UInt64 = 0
    /// Requests answered with EIO.
    package var failures: UInt64 = 0
    /// When that was the last time, in unix seconds; 0 for never.
    package var lastFailure: Int64 = 0

    /// The share of requests that needed nothing from the network, in percent.
    package var hitRate: Double {
        requests == 0 ? 100 : 100 * (1 - Double(min(fetches, requests)) / Double(requests))
    }
}

/// The counters of all threads of a mount.
///
/// Each thread adds to its own, so that counting costs nobody a wait; they are summed up when somebody asks.
final class MountCounters: Sendable {
    /// The counters of one thread.
    final class Lane: Sendable {
        fileprivate let requests = Atomic<UInt64>(0)
        fileprivate let fetches = Atomic<UInt64>(0)
        fileprivate let opens = Atomic<UInt64>(0)
        fileprivate let listings = Atomic<UInt64>(0)
        fileprivate let failures = Atomic<UInt64>(0)
        fileprivate let lastFailure = Atomic<Int64>(0)

        func countRequest() { requests.wrappingAdd(1, ordering: .relaxed) }
        func countFetch() { fetches.wrappingAdd(1, ordering: .relaxed) }
        func countOpen() { opens.wrappingAdd(1, ordering: .relaxed) }
        func countListing() { listings.wrappingAdd(1, ordering: .relaxed) }

        /// Counts a request that failed for a reason of ours.
        func countFailure(at now: Int64) {
            failures.wrappingAdd(1, ordering: .relaxed)
            lastFailure.store(now, ordering: .relaxed)
        }
    }

    private let lanes = Mutex<[Lane]>([])
    private let forgotten = Atomic<UInt64>(0)

    /// Counts failures from nothing again.
    func forgetFailures() {
        let count = lanes.withLock { $0 }.reduce(UInt64(0)) { $0 &+ $1.failures.load(ordering: .relaxed) }
        forgotten.store(count, ordering: .relaxed)
    }

    /// Counters for one more thread.
    func lane() -> Lane {
        let lane = Lane()
        lanes.withLock { $0.append(lane) }
        return lane
    }

    /// The sums as of now.
    var sum: MountCounts {
        var sum = lanes.withLock { $0 }.reduce(into: MountCounts()) { sum, lane in
            sum.requests &+= lane.requests.load(ordering: .relaxed)
            sum.fetches &+= lane.fetches.load(ordering: .relaxed)
            sum.opens &+= lane.opens.load(ordering: .relaxed)
            sum.listings &+= lane.listings.load(ordering: .relaxed)
            sum.failures &+= lane.failures.load(ordering: .relaxed)
            sum.lastFailure = max(sum.lastFailure, lane.lastFailure.load(ordering: .relaxed))
        }
        sum.failures &-= min(sum.failures, forgotten.load(ordering: .relaxed))
        return sum
    }
}
