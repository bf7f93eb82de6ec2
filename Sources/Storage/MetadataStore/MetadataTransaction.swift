// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import OCISpec
package import PublicationRules

/// What can be done to the metadata within one transaction; all of it happens or none.
///
/// A transaction is a value of a synchronous closure, so that no suspension can hold it open. It must not leave the
/// closure. In a reading transaction the changing calls throw.
package typealias MetadataTransaction = RepositoryRows & BlobRows & ManifestRows & TagRows & UploadRows
    & PublicationRows & SettingRows & UpkeepRows & AccountRows & ProjectRows & RobotRows & TokenRows
    & AuditRows & CollectionRows

/// Repositories.
package protocol RepositoryRows {
    /// The repository of a name; `nil` if nothing was ever pushed to it.
    func repository(named name: RepositoryName) throws -> RepositoryRecord?

    /// The repository of a name, made if it is new.
    func makeRepository(named name: RepositoryName, at now: Timestamp) throws -> RepositoryRecord

    /// Up to `limit` names in byte order after `last`.
    func repositoryNames(after last: String?, limit: Int) throws -> [RepositoryName]
}

/// Which blobs there are, and in which repositories they may be read.
package protocol BlobRows {
    /// The size of a blob; `nil` unless it may be read through the repository.
    func blobSize(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> Int64?

    /// Makes a stored blob readable through a repository.
    func linkBlob(_ digest: OCIDigest, size: Int64, to repository: RepositoryRecord, at now: Timestamp) throws

    /// Takes a blob from a repository; `false` if it was not there.
    func unlinkBlob(_ digest: OCIDigest, from repository: RepositoryRecord) throws -> Bool

    /// Whether a manifest of the repository needs the blob, be it as a child of an index, as build caches have it.
    func isBlobNeeded(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> Bool

    /// Up to `limit` repositories through which a blob may be read, in no order.
    func repositories(having digest: OCIDigest, limit: Int) throws -> [RepositoryName]
}

/// Manifests.
package protocol ManifestRows {
    /// The manifest of a digest.
    func manifest(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> ManifestRecord?

    /// The number of bytes of a manifest, `nil` if the repository does not have it; cheaper than reading it.
    func manifestSize(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> Int64?

    /// Stores a manifest and what it needs; does nothing if it is there.
    func storeManifest(
        _ manifest: ManifestRecord,
        needing references: [ManifestReference],
        in repository: RepositoryRecord,
        at now: Timestamp
    ) throws

    /// Removes a manifest and what it needed; `false` if it was not there. Tags are the caller's affair.
    func deleteManifest(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> Bool

    /// Walks the manifests that refer to `subject`, newest first, one in memory at a time.
    ///
    /// With `artifactTypes`, only those of one of the types. The walk goes on after `position`, which an earlier walk
    /// has given to `body`, and ends when `body` returns false.
    func walkReferrers(
        of subject: OCIDigest,
        in repository: RepositoryRecord,
        artifactTypes: Set<String>,
        after position: Int64?,
        _ body: (_ position: Int64, ManifestRecord) throws -> Bool
    ) throws
}

/// Tags.
package protocol TagRows {
    /// What a tag points to.
    func tag(_ name: TagName, in repository: RepositoryRecord) throws -> OCIDigest?

    /// Points a tag to a manifest, and enqueues the publication if that is a change.
    func setTag(_ name: TagName, to digest: OCIDigest, in repository: RepositoryRecord, at now: Timestamp)
        throws

    /// Removes a tag and enqueues the removal; `false` if there was none.
    func deleteTag(_ name: TagName, in repository: RepositoryRecord, at now: Timestamp) throws -> Bool

    /// The tags that point to a manifest, in byte order.
    func tags(pointingTo digest: OCIDigest, in repository: RepositoryRecord) throws -> [TagName]

    /// All tags of a repository with the moments at which they were moved last, in byte order.
    func movedTags(in repository: RepositoryRecord) throws -> [PublicationRules.Candidate]

    /// Up to `limit` tags in byte order after `last`.
    func tags(in repository: RepositoryRecord, after last: String?, limit: Int) throws -> [TagName]
}

/// Uploads in progress.
package protocol UploadRows {
    /// Begins an upload.
    func storeUpload(_ upload: UploadRecord) throws

    /// The upload of a name.
    func upload(_ id: String) throws -> UploadRecord?

    /// Notes that bytes came.
    func touchUpload(_ id: String, at now: Timestamp) throws

    /// Ends an upload; `false` if there was none.
    func deleteUpload(_ id: String) throws -> Bool

    /// The uploads to which nothing came since `deadline`.
    func uploads(untouchedSince deadline: Timestamp) throws -> [UploadRecord]
}

/// The publication of tags.
package protocol PublicationRows {
    /// The publications that the tree does not show and that are not given up, oldest change first.
    func pendingPublications(limit: Int) throws -> [PublicationRecord]

    /// What is known of a tag's publication.
    func publication(of repository: RepositoryName, tag: TagName) throws -> PublicationRecord?

    /// All publications, in the byte order of repository and tag.
    func publications() throws -> [PublicationRecord]

    /// Notes progress, unless the tag has changed since `generation`.
    func updateProgress(
        repository: RepositoryName,
        tag: TagName,
        generation: Int64,
        state: PublicationState,
        layersDone: Int,
        layersTotal: Int
    ) throws

    /// Decides about one tag whatever the rules say, or with `nil` leaves it to them; `false` if there is no such tag.
    func setPublicationWish(
        _ wish: PublicationWish?,
        of repository: RepositoryName,
        tag: TagName,
        at now: Timestamp
    ) throws -> Bool

    /// Has the publications looked at again whose image is a manifest or, for an index, has it in it.
    ///
    /// What is published stays so meanwhile.
    func reviewPublications(showing digest: OCIDigest, in repository: RepositoryRecord, at now: Timestamp)
        throws

    /// Notes that a CVMFS repository is about to show tags, however they have changed since they were read.
    func noteHome(_ home: String, of publications: [PublicationRecord]) throws

    /// Records outcomes, for rows whose tag has not changed since the record's generation.
    ///
    /// State, reason, place, revision, warnings and error are written; `published` and `unpublished` set
    /// `publishedGeneration`, as both say that the tree shows what it should. The row of a deleted tag whose removal is
    /// published goes away.
    func finish(_ publications: [PublicationRecord]) throws
}

/// Single values that belong to the installation.
package protocol SettingRows {
    /// The value of a setting.
    func setting(_ key: String) throws -> String?

    /// Stores a value.
    func setSetting(_ key: String, to value: String) throws
}
