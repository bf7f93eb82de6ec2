// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What an operator decides about the revisions of a repository.
package struct PublicationTerms: Hashable, Sendable {
    /// Seconds for which clients may go without asking for a new revision; `nil` keeps what the repository has.
    package var timeToLive: Int64?
    /// How long, in seconds, the snapshots are kept that every revision gets by itself.
    package var snapshotAge: Int64
    /// How many of those are kept at most.
    package var snapshotCount: Int

    /// What a new repository has.
    package static let standardTimeToLive: Int64 = 60

    /// Joins the decisions; by default three days and a hundred, as the stock server keeps them.
    package init(timeToLive: Int64? = nil, snapshotAge: Int64 = 3 * 86400, snapshotCount: Int = 100) {
        self.timeToLive = timeToLive
        self.snapshotAge = snapshotAge
        self.snapshotCount = snapshotCount
    }
}
