// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Keeps a log readable while everything fails: some lines at once, then one in a while, with the number of those left out.
///
/// A pure state machine; all times count from one moment.
package struct LineLimit: Sendable {
    private let burst: Int
    private let interval: Duration
    private var lines = 0
    private var since = Duration.zero
    private var leftOut = 0

    /// Lets `burst` lines pass in each `interval`.
    package init(burst: Int = 10, every interval: Duration = .seconds(30)) {
        self.burst = burst
        self.interval = interval
    }

    /// What to write in the place of a line; `nil` for nothing.
    package mutating func pass(_ line: String, at now: Duration) -> String? {
        if now - since >= interval { (lines, since) = (0, now) }
        guard lines < burst else {
            leftOut += 1
            return nil
        }
        lines += 1
        defer { leftOut = 0 }
        return leftOut == 0 ? line : "\(line) (\(leftOut) lines were left out before)"
    }
}
