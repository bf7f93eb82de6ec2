// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Spreads bytes over time, so that all transfers together stay below a rate.
///
/// A pure state machine; all times count from one moment.
package struct Bandwidth: Sendable {
    /// Lower rates would make transfers look dead.
    package static let lowestRate: Int64 = 64 << 10

    private let bytesPerSecond: Int64
    /// When all that was taken so far has had its time.
    private var paidUntil = Duration.zero
    /// How much may come at once after a silence, in time.
    private static let burst = Duration.milliseconds(100)

    /// A rate of at least `lowestRate`.
    package init(bytesPerSecond: Int64) { self.bytesPerSecond = max(bytesPerSecond, Self.lowestRate) }

    /// Takes bytes that came, and returns how long to wait before taking more.
    package mutating func take(_ count: Int, at now: Duration) -> Duration {
        paidUntil = max(paidUntil, now - Self.burst) + .seconds(Double(count) / Double(bytesPerSecond))
        return max(.zero, paidUntil - now)
    }
}
