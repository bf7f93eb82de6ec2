// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The ways to hear of new revisions, below `/cvmfs/<repository>/.wharf/`.
///
/// - Source: docs/notifications.md.
enum NoticePath: Hashable {
    /// `.wharf/events`: a stream.
    case events
    /// `.wharf/after/<revision>`: one answer, as soon as there is a newer revision.
    case after(UInt64)
    /// `.wharf/notifications/subscribe`: a stream as the stock client wants it.
    case subscription

    /// Whether a request's target names this place without escapes.
    ///
    /// Its requests wait, and are told from others by their path as it was sent, before it is read.
    static func isWritten(in target: String?) -> Bool {
        let parts = (target ?? "").split(separator: "/", maxSplits: 3)
        return parts.count == 4 && parts[2] == ".wharf"
    }

    /// Reads the segments after the repository's name; `nil` for everything else.
    init?(segments: some RandomAccessCollection<String>) {
        let parts = Array(segments)
        guard parts.first == ".wharf" else { return nil }
        switch parts.count {
        case 2 where parts[1] == "events": self = .events
        case 3 where parts[1] == "after":
            // One spelling for each number, so that caches keep one answer.
            guard let revision = UInt64(parts[2]), String(revision) == parts[2] else { return nil }
            self = .after(revision)
        case 3 where parts[1] == "notifications" && parts[2] == "subscribe": self = .subscription
        default: return nil
        }
    }
}
