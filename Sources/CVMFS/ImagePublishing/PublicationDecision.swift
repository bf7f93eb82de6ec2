// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
package import MetadataStore
package import OCISpec

/// What somebody decides about one tag, whatever the rules of its project say.
package struct PublicationDecision: Sendable {
    /// `nil` leaves the tag to the rules.
    private let wish: PublicationWish?
    /// What the tag must point to.
    private let digest: OCIDigest?

    /// What came of it.
    package enum Result: Sendable {
        case taken(PublicationRecord)
        case noSuchTag
        /// The tag points to something else than was thought.
        case otherDigest
    }

    /// Reads `publish`, `unpublish` or `rules`, and a digest; `nil` if either is something else.
    package init?(_ word: String?, digest text: String?) {
        switch word {
        case "rules": wish = nil
        case let word?:
            guard let wish = PublicationWish(rawValue: word) else { return nil }
            self.wish = wish
        case nil: return nil
        }
        digest = text.flatMap { OCIDigest($0) }
        if text != nil, digest == nil { return nil }
    }

    /// Decides, and has the publisher see to it; leaves a record of who did so.
    package func take(
        on repository: RepositoryName,
        _ tag: TagName,
        in metadata: any MetadataStore,
        by actor: AuditActor,
        at now: Timestamp
    ) async throws -> Result {
        try await metadata.write { [wish, digest] transaction in
            guard let row = try transaction.repository(named: repository),
                let target = try transaction.tag(tag, in: row)
            else { return .noSuchTag }
            guard digest == nil || digest == target else { return .otherDigest }
            guard try transaction.setPublicationWish(wish, of: repository, tag: tag, at: now),
                let record = try transaction.publication(of: repository, tag: tag)
            else { return .noSuchTag }
            let detail = wish?.rawValue ?? "rules"
            try transaction.audit("publication.decide", "\(repository):\(tag)", detail, by: actor, at: now)
            return .taken(record)
        }
    }
}
