// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Keeps a log short when things go wrong again and again: so many lines at once, and then so many a second.
package struct LogPace: Sendable {
    /// So many lines at once.
    package static let burst = 50.0
    /// So many lines a second after that.
    package static let linesPerSecond = 1.0

    private var room = Self.burst
    private var last = 0.0
    private var omitted = 0

    /// Begins with room for a burst.
    package init() {}

    /// What is written for a line at a moment: nothing, the line, or the line after how many were left out.
    package mutating func lines(for text: String, at seconds: Double) -> [String] {
        room = min(Self.burst, room + max(0, seconds - last) * Self.linesPerSecond)
        last = seconds
        guard room >= 1 else {
            omitted += 1
            return []
        }
        room -= 1
        guard omitted > 0 else { return [text] }
        defer { omitted = 0 }
        return ["\(omitted) lines were left out", text]
    }
}
