// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Tells a slow line from a dead one: a transfer that brings less than a floor over a whole time window is given up.
///
/// Only the time counts in which the network was waited for; a disk that is slow is not the server's fault.
package struct SpeedGuard: Sendable {
    private let floor: Int64
    private let window: Duration
    private var bytes: Int64 = 0
    private var waited = Duration.zero

    /// - Parameters:
    ///   - floor: bytes in a second; 0 for none.
    ///   - window: how long it may be slower.
    package init(floor: Int64, window: Duration) {
        self.floor = floor
        self.window = window
    }

    /// Takes note of bytes that were waited for; returns whether the transfer is fast enough.
    package mutating func received(_ count: Int, after waiting: Duration) -> Bool {
        bytes += Int64(count)
        waited += waiting
        guard waited >= window else { return true }
        let seconds = Double(waited.components.seconds) + Double(waited.components.attoseconds) / 1e18
        let isFast = Double(bytes) >= Double(floor) * seconds
        (bytes, waited) = (0, .zero)
        return isFast
    }
}
