// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One run of the garbage collection as it is kept.
package struct CollectionRun: Hashable, Sendable, Codable {
    /// How a run ended.
    package enum Outcome: String, Sendable, Codable {
        case running, finished, failed
        /// The program ended before the run did; the next one goes on.
        case interrupted
    }

    /// The database's number; 0 before it has one.
    package var id: Int64 = 0
    /// `registry`, or the name of a published repository.
    package var subject: String
    /// Whether nothing was to be removed.
    package var isDryRun: Bool
    /// Milliseconds since 1970 on the wall.
    package var started: Int64
    package var ended: Int64?
    package var outcome = Outcome.running
    /// How many things were looked at.
    package var seen: Int64 = 0
    /// How many things were found unreferenced by this run, whose grace begins.
    package var marked: Int64 = 0
    /// What was removed, by kind.
    package var removed: [String: Int64] = [:]
    /// How many bytes on the disk that was.
    package var freedBytes: Int64 = 0
    package var error: String?

    /// Begins a run.
    package init(subject: String, isDryRun: Bool, started: Timestamp) {
        self.subject = subject
        self.isDryRun = isDryRun
        self.started = started.millisecondsSince1970
    }

    /// The subject of runs over the registry's contents.
    package static let registry = "registry"
}
