// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import GarbageCollection
package import Logging
package import MetadataStore

/// What a request for a collection is answered with.
package struct CollectionReport: Codable, Sendable {
    /// One for each subject.
    package var runs: [CollectionRun]
    /// What went, or would go, up to a number.
    package var items: [CollectedItem]
    /// How many more there are.
    package var moreItems: Int

    /// So many things are named.
    private static let itemLimit = 10_000

    /// Runs over a subject, or all, and blocks until that is done.
    ///
    /// - Throws: what the run throws.
    package static func make(
        _ subject: String?,
        isDryRun: Bool,
        at desk: CollectionDesk,
        logger: Logger
    ) throws -> CollectionReport {
        var report = CollectionReport(runs: [], items: [], moreItems: 0)
        let subjects = try subject.map { [$0] } ?? desk.subjects()
        report.runs = try CollectionService.collect(subjects, isDryRun: isDryRun, at: desk, logger: logger) {
            item in
            if report.items.count < itemLimit { report.items.append(item) } else { report.moreItems += 1 }
        }
        return report
    }
}
