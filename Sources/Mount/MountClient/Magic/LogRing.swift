// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The last lines that a mount reported, for those who see the tree but not the log.
final class LogRing: Sendable {
    private static let lineCount = 32
    private let lines = Mutex<[String]>([])

    /// Keeps a line, and drops the oldest if there are many.
    func add(_ line: String) {
        lines.withLock { lines in
            lines.append(String(line.prefix(1000)))
            if lines.count > Self.lineCount { lines.removeFirst() }
        }
    }

    /// All lines, the newest last.
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
}
