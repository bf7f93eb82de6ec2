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

    /// Whole seconds since 1970, rounded down.
    package var secondsSince1970: Int64 {
        let (quotient, remainder) = millisecondsSince1970.quotientAndRemainder(dividingBy: 1_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The moment `duration` after this one; the latest possible one where that would overflow.
    package func adding(_ duration: Duration) -> Timestamp {
        let (result, overflow) = millisecondsSince1970.addingReportingOverflow(Self.milliseconds(duration))
        return Timestamp(millisecondsSince1970: overflow ? .max : result)
    }

    /// The moment `duration` before this one; the earliest possible one where that would overflow.
    package func before(_ duration: Duration) -> Timestamp {
        let (result, underflow) = millisecondsSince1970.subtractingReportingOverflow(
            Self.milliseconds(duration)
        )
        return Timestamp(millisecondsSince1970: underflow ? .min : result)
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? Int64.max / 2 : product + attoseconds / 1_000_000_000_000_000
    }
}
