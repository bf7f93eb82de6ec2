// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// How often which time was taken, in steps of a quarter: a quantile is too large by at most that.
package struct Histogram: Sendable {
    /// Four steps for each power of two.
    private var counts = [UInt64](repeating: 0, count: 4 * 64)
    /// How many times there are.
    package private(set) var count: UInt64 = 0

    /// Without a time.
    package init() {}

    /// Adds a time.
    package mutating func add(_ time: UInt64) {
        counts[Self.step(of: time)] += 1
        count += 1
    }

    /// Adds all times of another one.
    package mutating func add(_ other: Histogram) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        count &+= other.count
    }

    /// A time that the given share of all times does not exceed; 0 if there are none.
    package func quantile(_ share: Double) -> UInt64 {
        let wanted = max(1, UInt64((Double(count) * share).rounded(.up)))
        var sum: UInt64 = 0
        for (step, number) in counts.enumerated() {
            sum &+= number
            if sum >= wanted { return Self.end(of: step) }
        }
        return 0
    }

    private static func step(of time: UInt64) -> Int {
        guard time >= 4 else { return Int(time) }
        let power = 63 - time.leadingZeroBitCount
        return 4 * (power - 1) + Int(time >> (power - 2) & 3)
    }

    /// The largest time of a step.
    private static func end(of step: Int) -> UInt64 {
        guard step >= 4 else { return UInt64(step) }
        let (power, quarter) = (step / 4 + 1, UInt64(step % 4))
        return (4 + quarter) << (power - 2) + ((1 << (power - 2)) - 1)
    }
}
