// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import OCISpec

/// How far the publication of a tag has come.
package enum PublicationState: String, Codable, Sendable, CaseIterable {
    /// The registry has it; the publisher has not begun.
    case stored
    case ingesting
    case published
    /// The publisher gave up; `error` says why.
    case failed
    /// It is nothing to publish; `reason` says why.
    case unpublished
}

/// What somebody has decided about one tag, whatever the rules of its project say.
package enum PublicationWish: String, Codable, Sendable, CaseIterable {
    case publish
    case unpublish
}

/// Something that the published tree cannot show as the image has it.
package struct PublicationWarning: Codable, Hashable, Sendable {
    /// A stable kebab-case word.
    package var kind: String
    /// The entry of the image that is meant.
    package var path: String

    /// Joins the two.
    package init(kind: String, path: String) {
        self.kind = kind
        self.path = path
    }
}

/// What is known of one tag's publication.
///
/// There is one for each repository and tag; it outlives the tag until the tag's removal is published.
package struct PublicationRecord: Hashable, Sendable {
    package var repository: RepositoryName
    package var tag: TagName
    /// What the tag points to; `nil` if the tag was deleted.
    package var digest: OCIDigest?
    package var state: PublicationState
    /// Why nothing is published.
    package var reason: String?
    package var layersDone: Int
    package var layersTotal: Int
    /// The CVMFS repository that shows the image.
    package var publishedRepository: String?
    /// The CVMFS repository that may have links of the tag, noted before the first one is made.
    ///
    /// Whatever becomes of the tag meanwhile, they are known to be there until they are known to be gone.
    package var home: String?
    /// The first revision of that repository that shows the image.
    package var revision: UInt64?
    /// Where the image is in that repository.
    package var path: String?
    package var warnings: [PublicationWarning]
    /// Why the publication failed.
    package var error: String?
    /// What was decided about this tag alone.
    package var wish: PublicationWish?
    /// Grows with every change of the tag.
    package var generation: Int64
    /// The generation that the published tree shows; 0 if none.
    package var publishedGeneration: Int64

    /// A publication that has just been enqueued.
    package init(
        repository: RepositoryName,
        tag: TagName,
        digest: OCIDigest?,
        generation: Int64,
        publishedGeneration: Int64 = 0
    ) {
        self.repository = repository
        self.tag = tag
        self.digest = digest
        state = .stored
        layersDone = 0
        layersTotal = 0
        warnings = []
        self.generation = generation
        self.publishedGeneration = publishedGeneration
    }
}
