// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import GRDB
internal import MetadataStore
internal import OCISpec

/// What nothing needs, as conditions on rows; each is asked again in the transaction that acts on it.
enum LooseRows {
    /// Of a link `repository_blob` whose blob is joined: a manifest of the repository needs it.
    static let isLinkNeeded = """
        EXISTS (
            SELECT 1 FROM manifest_reference JOIN manifest ON manifest.id = manifest_reference.manifest
            WHERE manifest_reference.digest = blob.digest AND manifest.repository = repository_blob.repository
        )
        """

    /// Of a blob: a repository has it.
    static let isBlobLinked = "EXISTS (SELECT 1 FROM repository_blob WHERE repository_blob.blob = blob.id)"

    /// Of a manifest `loose`: a tag or an index holds it.
    static let isManifestHeld = """
        (EXISTS (SELECT 1 FROM tag WHERE tag.repository = loose.repository AND tag.digest = loose.digest)
        OR EXISTS (
            SELECT 1 FROM manifest_reference JOIN manifest ON manifest.id = manifest_reference.manifest
            WHERE manifest_reference.digest = loose.digest AND manifest.repository = loose.repository
        ))
        """

    /// Of a manifest `loose`: it refers to a manifest that the repository has.
    static let hasSubject = """
        EXISTS (
            SELECT 1 FROM manifest AS held
            WHERE held.repository = loose.repository AND held.digest = loose.subject
        )
        """
}

extension SQLiteTransaction {
    /// What the database has kept of the clock of graces.
    func keptCollectionClock() throws -> Timestamp? {
        try setting(CollectionClock.setting).flatMap { Int64($0) }.map {
            Timestamp(millisecondsSince1970: $0)
        }
    }

    // MARK: References

    /// Takes the mark of a blob or manifest of the repository away, because something refers to it from now on.
    func noteReference(to digest: OCIDigest, in repository: RepositoryRecord) throws {
        let link = """
            UPDATE repository_blob SET unreferenced = NULL
            WHERE repository = ? AND blob = (SELECT id FROM blob WHERE digest = ?) AND unreferenced IS NOT NULL
            """
        try execute(link, [repository.id, digest.description])
        let manifest = """
            UPDATE manifest SET unreferenced = NULL
            WHERE repository = ? AND digest = ? AND unreferenced IS NOT NULL
            """
        try execute(manifest, [repository.id, digest.description])
    }

    /// Takes the marks of the manifests away that wait for this one as their subject.
    func noteSubject(_ digest: OCIDigest, in repository: RepositoryRecord) throws {
        let sql = """
            UPDATE manifest SET unreferenced = NULL
            WHERE repository = ? AND subject = ? AND unreferenced IS NOT NULL
            """
        try execute(sql, [repository.id, digest.description])
    }

    // MARK: Hits

    func blobStanding(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> (
        size: Int64, isUnreferenced: Bool
    )? {
        let sql = """
            SELECT blob.size, repository_blob.unreferenced IS NOT NULL
            FROM blob JOIN repository_blob ON repository_blob.blob = blob.id
            WHERE blob.digest = ? AND repository_blob.repository = ? AND blob.quarantined IS NULL
            """
        return try Row.fetchOne(statement(sql), arguments: [digest.description, repository.id])
            .map { ($0[0], $0[1]) }
    }

    func renewBlob(_ digest: OCIDigest, in repository: RepositoryRecord, at now: Timestamp) throws -> Bool {
        let sql = """
            UPDATE repository_blob SET unreferenced = ?
            WHERE repository = ? AND blob = (SELECT id FROM blob WHERE digest = ?) AND unreferenced IS NOT NULL
            """
        try execute(sql, [now.millisecondsSince1970, repository.id, digest.description])
        return try blobStanding(digest, in: repository) != nil
    }

    func renewManifest(_ digest: OCIDigest, in repository: RepositoryRecord, at now: Timestamp) throws
        -> Bool
    {
        let sql = """
            UPDATE manifest SET unreferenced = ?
            WHERE repository = ? AND digest = ? AND unreferenced IS NOT NULL
            """
        try execute(sql, [now.millisecondsSince1970, repository.id, digest.description])
        return try manifestSize(digest, in: repository) != nil
    }

    func isBlobAtRisk(_ digest: OCIDigest) throws -> Bool {
        // A link that no mark has found unreferenced keeps the bytes for a grace at least; not so if the bytes themselves have
        // a mark, for then they go with the link.
        let sql = """
            SELECT unreferenced IS NOT NULL OR NOT EXISTS (
                SELECT 1 FROM repository_blob
                WHERE repository_blob.blob = blob.id AND repository_blob.unreferenced IS NULL
            ) FROM blob WHERE digest = ?
            """
        return try statement(sql).fetch(Bool.self, [digest.description]) ?? false
    }

    func holdBlob(_ digest: OCIDigest, at now: Timestamp) throws {
        try execute(
            "UPDATE blob SET unreferenced = ?, condemned = 0 WHERE digest = ?",
            [now.millisecondsSince1970, digest.description]
        )
    }
}
