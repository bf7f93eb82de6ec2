// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import FileTree
package import MetadataStore

extension ImagePublisher {
    /// What became of one pending tag.
    package enum Outcome: Sendable {
        case published(PublicationRecord)
        case removed(PublicationRecord)
        case unpublished(PublicationRecord)
        case failed(PublicationRecord)
    }
}

extension ImagePublisher.Outcome {
    /// What is on record of the tag now.
    package var record: PublicationRecord {
        switch self {
        case .published(let record), .removed(let record), .unpublished(let record), .failed(let record):
            record
        }
    }

    /// The image is shown.
    static func shown(
        _ plan: PublicationPlan,
        as link: TreePath,
        in home: RepositoryFQRN,
        _ warnings: [PublicationWarning],
        since revision: UInt64
    ) -> Self {
        var record = plan.record
        record.state = .published
        record.reason = nil
        record.error = nil
        record.warnings = warnings
        record.publishedRepository = home.name
        record.revision = revision
        record.path = "/cvmfs/\(home)\(link)"
        if case .image(let subject, _, _) = plan.goal {
            record.layersTotal = subject.layers.count
            record.layersDone = record.layersTotal
        }
        return .published(record)
    }

    /// Nothing is shown for the tag.
    static func withheld(_ plan: PublicationPlan) -> Self {
        var record = plan.record
        record.state = .unpublished
        record.error = nil
        record.path = nil
        record.revision = nil
        record.publishedRepository = nil
        guard case .nothing(let reason?) = plan.goal else { return .removed(record) }
        record.reason = reason
        return .unpublished(record)
    }

    /// The image is at fault.
    static func failure(of record: PublicationRecord, _ problem: any Error) -> Self {
        var record = record
        record.state = .failed
        record.error = "\(problem)"
        return .failed(record)
    }
}

/// What was finished in a round before, or beside, something that went wrong.
package struct PublicationTrouble: Error, CustomStringConvertible {
    package let outcomes: [ImagePublisher.Outcome]
    package let cause: any Error

    package var description: String { "\(cause)" }
}
