// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import GRDB
internal import MetadataStore
internal import OCISpec

extension SQLiteTransaction: BlobRows {
    func blobSize(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> Int64? {
        let sql = """
            SELECT blob.size FROM blob JOIN repository_blob ON repository_blob.blob = blob.id
            WHERE blob.digest = ? AND repository_blob.repository = ? AND blob.quarantined IS NULL
            """
        return try statement(sql).fetch(Int64.self, [digest.description, repository.id])
    }

    func linkBlob(_ digest: OCIDigest, size: Int64, to repository: RepositoryRecord, at now: Timestamp) throws
    {
        // Whoever links a blob has just stored it or seen it in sight of another repository: a quarantine is over.
        let insert = """
            INSERT INTO blob (digest, size, created) VALUES (?, ?, ?)
            ON CONFLICT (digest) DO UPDATE
            SET quarantined = NULL, size = excluded.size, unreferenced = NULL, condemned = 0
            WHERE quarantined IS NOT NULL OR unreferenced IS NOT NULL OR condemned <> 0
            """
        try execute(insert, [digest.description, size, now.millisecondsSince1970])
        let sql = """
            INSERT INTO repository_blob (repository, blob, linked)
            SELECT ?, id, ? FROM blob WHERE digest = ?
            ON CONFLICT DO UPDATE SET unreferenced = NULL WHERE unreferenced IS NOT NULL
            """
        // Whether something needs it is for the next mark to find out.
        try execute(sql, [repository.id, now.millisecondsSince1970, digest.description])
    }

    func unlinkBlob(_ digest: OCIDigest, from repository: RepositoryRecord) throws -> Bool {
        let sql = """
            DELETE FROM repository_blob
            WHERE repository = ? AND blob = (SELECT id FROM blob WHERE digest = ?)
            """
        return try execute(sql, [repository.id, digest.description]) > 0
    }

    func isBlobNeeded(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> Bool {
        let sql = """
            SELECT EXISTS (
                SELECT 1 FROM manifest_reference JOIN manifest ON manifest.id = manifest_reference.manifest
                WHERE manifest_reference.digest = ? AND manifest.repository = ?
            )
            """
        return try statement(sql).fetch(Bool.self, [digest.description, repository.id]) ?? false
    }

    func repositories(having digest: OCIDigest, limit: Int) throws -> [RepositoryName] {
        let sql = """
            SELECT repository.name FROM repository JOIN repository_blob ON repository_blob.repository = repository.id
            WHERE repository_blob.blob = (SELECT id FROM blob WHERE digest = ? AND quarantined IS NULL)
            LIMIT ?
            """
        return try String.fetchAll(statement(sql), arguments: [digest.description, limit])
            .compactMap { RepositoryName($0) }
    }
}
