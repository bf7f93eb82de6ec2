// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// What a look at one thing showed.
struct Finding: Encodable, Sendable {
    /// What the look was at, in the order in which things depend on each other.
    enum Subject: String, Encodable, CaseIterable, Sendable {
        case fuse, permissions, configuration, dns, proxy, server, clock, keys, whitelist, manifest, disk,
            quota
        case mount
    }

    enum Verdict: String, Encodable, Sendable {
        case fine = "ok"
        case doubtful = "warning"
        case wrong = "FAILED"
        /// What it depends on is wrong.
        case skipped
    }

    let subject: Subject
    let verdict: Verdict
    let text: String
    /// The one line that mends it.
    let remedy: String?

    static func fine(_ subject: Subject, _ text: String) -> Finding {
        Finding(subject: subject, verdict: .fine, text: text, remedy: nil)
    }

    static func doubtful(_ subject: Subject, _ text: String, _ remedy: String? = nil) -> Finding {
        Finding(subject: subject, verdict: .doubtful, text: text, remedy: remedy)
    }

    static func wrong(_ subject: Subject, _ text: String, _ remedy: String?) -> Finding {
        Finding(subject: subject, verdict: .wrong, text: text, remedy: remedy)
    }

    static func skipped(_ subject: Subject, _ text: String) -> Finding {
        Finding(subject: subject, verdict: .skipped, text: text, remedy: nil)
    }

    /// What a problem says with its causes; its remedy stands on a line of its own.
    static func text(_ error: any Error) -> String {
        guard let problem = error as? any Problem else { return "\(error)" }
        return problem.message + (problem.cause.map { ": " + text($0) } ?? "")
    }

    /// One line, and one for the remedy.
    var lines: [String] {
        let verdict = Self.padded(verdict.rawValue, to: 9)
        let line = verdict + Self.padded(subject.rawValue, to: 15) + text
        guard let remedy else { return [line] }
        return [line]
            + remedy.split(separator: "\n").enumerated().map { index, part in
                (index == 0 ? "         fix: " : "              ") + part
            }
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
