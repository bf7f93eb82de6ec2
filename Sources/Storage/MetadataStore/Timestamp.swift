// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A moment as the database keeps it: whole milliseconds since 1970 in UTC.
package struct Timestamp: Hashable, Sendable, Comparable {
    /// May be negative.
    package let millisecondsSince1970: Int64

    /// Wraps a number of milliseconds.
    package init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }

    package static func < (left: Self, right: Self) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }

    /// The moment `duration` before this one; the earliest possible one where that would overflow.
    package func before(_ duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        let milliseconds = overflow ? Int64.max / 2 : product + attoseconds / 1_000_000_000_000_000
        let (result, underflow) = millisecondsSince1970.subtractingReportingOverflow(milliseconds)
        return Timestamp(millisecondsSince1970: underflow ? .min : result)
    }
}
