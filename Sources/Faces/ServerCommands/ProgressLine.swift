// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// One line on a terminal that says how far a command is; nothing where the output is kept.
final class ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var last: ContinuousClock.Instant?

    /// Shows a text, at most five times a second, and not before a second is over.
    func show(_ text: String) {
        let now = ContinuousClock.now
        guard isTerminal, now - start > .seconds(1), last.map({ now - $0 > .milliseconds(200) }) ?? true
        else {
            return
        }
        last = now
        StandardStream.error.write("\r\u{1B}[K\(text)")
    }

    /// Removes the line, before something else is printed.
    func clear() {
        guard last != nil else { return }
        last = nil
        StandardStream.error.write("\r\u{1B}[K")
    }
}
