// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import OCISpec

/// The registry's garbage: which of its contents nothing refers to, since when, and taking them away.
///
/// Each changing call is a step of `ContentLife` in one transaction. Times are those of `CollectionClock`.
package protocol CollectionRows {
    // MARK: Hits

    /// The size of a blob, and whether a mark has found that no manifest needs it; `nil` unless the repository has it.
    func blobStanding(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> (
        size: Int64, isUnreferenced: Bool
    )?

    /// Lets the grace of an unreferenced blob begin anew; `false` if the repository does not have it any more.
    func renewBlob(_ digest: OCIDigest, in repository: RepositoryRecord, at now: Timestamp) throws -> Bool

    /// Lets the grace of an unreferenced manifest begin anew; `false` if it is gone.
    func renewManifest(_ digest: OCIDigest, in repository: RepositoryRecord, at now: Timestamp) throws -> Bool

    /// Whether the bytes of a blob may be about to be removed, so that `holdBlob` must come before they are stored again.
    func isBlobAtRisk(_ digest: OCIDigest) throws -> Bool

    /// Keeps the bytes of a blob from being removed for one grace, if there are any; ends a condemnation.
    func holdBlob(_ digest: OCIDigest, at now: Timestamp) throws

    // MARK: Marks

    /// Looks at up to `limit` links of blobs to repositories after a place, and says which marks are to be changed.
    func linksToMark(after last: CollectionPlace?, limit: Int) throws -> CollectionPage

    /// Looks at up to `limit` blobs after a place for those that no repository has.
    func blobsToMark(after last: CollectionPlace?, limit: Int) throws -> CollectionPage

    /// Looks at up to `limit` manifests after a place; those of kinds that are not collected count as referenced.
    func manifestsToMark(after last: CollectionPlace?, limit: Int, collecting: Set<LooseManifest>) throws
        -> CollectionPage

    /// Changes marks, each if it is still right to; returns how many changed.
    func mark(_ changes: [CollectionPage.Change], of subject: CollectionSubject, at now: Timestamp) throws
        -> Int

    /// The repositories of manifests that were marked.
    func repositories(of changes: [CollectionPage.Change]) throws -> Set<RepositoryName>

    // MARK: Sweeps

    /// Up to `limit` links whose grace has passed.
    func expiredLinks(deadline: Timestamp, limit: Int) throws -> [ExpiredLink]

    /// Takes expired links away, each if it is still expired and unreferenced; returns how many went.
    func removeLinks(_ links: [ExpiredLink], deadline: Timestamp) throws -> Int

    /// Up to `limit` manifests of a kind whose grace has passed.
    func expiredManifests(_ kind: LooseManifest, deadline: Timestamp, limit: Int) throws -> [ExpiredManifest]

    /// Removes an expired manifest if it is still expired and unreferenced.
    func removeManifest(_ manifest: ExpiredManifest, deadline: Timestamp) throws -> Bool

    /// Condemns up to `limit` blobs that no repository has, and whose grace has passed; returns how many.
    func condemnBlobs(deadline: Timestamp, limit: Int) throws -> Int

    /// Up to `limit` blobs that are condemned.
    func condemnedBlobs(limit: Int) throws -> [BlobRecord]

    /// Forgets a condemned blob; `false` if it is not condemned any more.
    func forgetCondemnedBlob(_ digest: OCIDigest) throws -> Bool

    /// Up to `limit` blobs whose bytes a sweep with this deadline would take away, in byte order.
    func expiredBlobs(deadline: Timestamp, limit: Int) throws -> [BlobRecord]

    // MARK: Files without rows

    /// Of these digests, those of which the database knows nothing.
    func unknownBlobs(_ digests: [OCIDigest]) throws -> [OCIDigest]

    /// Takes note of a file of which the database knew nothing, so that its grace begins.
    func noteStray(_ digest: OCIDigest, size: Int64, at now: Timestamp) throws

    // MARK: Runs

    /// Notes the beginning of a run and returns its number.
    func beginRun(_ run: CollectionRun) throws -> Int64

    /// Replaces what is noted of a run.
    func updateRun(_ run: CollectionRun) throws

    /// The newest runs, newest first.
    func runs(limit: Int) throws -> [CollectionRun]

    /// Says of the runs that have no end that they were interrupted.
    func closeInterruptedRuns() throws
}

/// A kind of manifest that nothing needs.
package enum LooseManifest: String, Hashable, Sendable, CaseIterable {
    /// No tag points to it, no index lists it, and it refers to nothing.
    case untagged
    /// It refers to a manifest that the repository does not have, and nothing else holds it.
    case referrer
}

/// What is marked.
package enum CollectionSubject: Sendable {
    case link, blob, manifest
}

/// A place in the order in which a mark goes through rows.
package struct CollectionPlace: Hashable, Sendable {
    package let first: Int64
    package let second: Int64

    /// Joins the columns of a key.
    package init(first: Int64, second: Int64 = 0) {
        self.first = first
        self.second = second
    }
}

/// What a mark has seen in one go.
package struct CollectionPage: Sendable {
    /// A row whose mark is wrong.
    package struct Change: Hashable, Sendable {
        package let place: CollectionPlace
        /// Whether something refers to it.
        package let isReferenced: Bool
        /// In bytes.
        package let size: Int64

        /// Joins what was seen.
        package init(place: CollectionPlace, isReferenced: Bool, size: Int64) {
            self.place = place
            self.isReferenced = isReferenced
            self.size = size
        }
    }

    package var changes: [Change] = []
    /// How many rows were looked at.
    package var seen = 0
    /// Where to go on; `nil` at the end.
    package var last: CollectionPlace?

    /// Nothing yet.
    package init() {}
}

/// A blob of a repository whose grace has passed.
package struct ExpiredLink: Hashable, Sendable {
    package let place: CollectionPlace
    package let digest: OCIDigest

    /// Joins the columns of a row.
    package init(place: CollectionPlace, digest: OCIDigest) {
        self.place = place
        self.digest = digest
    }
}

/// A manifest whose grace has passed.
package struct ExpiredManifest: Hashable, Sendable {
    package let id: Int64
    package let kind: LooseManifest
    package let repository: RepositoryName
    package let digest: OCIDigest
    /// In bytes.
    package let size: Int64

    /// Joins the columns of a row.
    package init(
        id: Int64,
        kind: LooseManifest,
        repository: RepositoryName,
        digest: OCIDigest,
        size: Int64
    ) {
        self.id = id
        self.kind = kind
        self.repository = repository
        self.digest = digest
        self.size = size
    }
}
