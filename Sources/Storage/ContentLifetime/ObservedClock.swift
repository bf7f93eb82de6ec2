// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Time as it was seen to pass, for graces that no clock's jump may end.
///
/// Each advance is the lesser of what the clock on the wall and a steady clock say has passed since the last one, and
/// never negative. So a wall clock that jumps forward ends nothing early, one that jumps back holds nothing up for longer
/// than the jump's own moment, and time in which nobody looked does not count at all. All values are milliseconds.
package struct ObservedClock: Hashable, Sendable {
    /// The time that was observed so far; it only grows.
    package private(set) var now: Int64
    private var wall: Int64
    private var steady: Int64

    /// Goes on from `start`, with what the two clocks show at this moment.
    package init(from start: Int64, wall: Int64, steady: Int64) {
        now = start
        self.wall = wall
        self.steady = steady
    }

    /// Takes note of what the two clocks show, and returns the observed time.
    package mutating func advance(wall: Int64, steady: Int64) -> Int64 {
        let passed = min(Self.difference(wall, self.wall), Self.difference(steady, self.steady))
        (self.wall, self.steady) = (wall, steady)
        let (next, overflow) = now.addingReportingOverflow(max(0, passed))
        now = overflow ? .max : next
        return now
    }

    private static func difference(_ later: Int64, _ earlier: Int64) -> Int64 {
        let (result, overflow) = later.subtractingReportingOverflow(earlier)
        guard overflow else { return result }
        return later < earlier ? .min : .max
    }
}
