// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import GRDB
internal import MetadataStore
internal import OCISpec

extension SQLiteTransaction {
    func expiredLinks(deadline: Timestamp, limit: Int) throws -> [ExpiredLink] {
        let sql = """
            SELECT repository_blob.repository, repository_blob.blob, blob.digest
            FROM repository_blob JOIN blob ON blob.id = repository_blob.blob
            WHERE repository_blob.unreferenced <= ? LIMIT ?
            """
        let arguments: StatementArguments = [deadline.millisecondsSince1970, limit]
        return try Row.fetchAll(statement(sql), arguments: arguments).map { row in
            ExpiredLink(
                place: CollectionPlace(first: row[0], second: row[1]),
                digest: try Self.digest(row[2])
            )
        }
    }

    func removeLinks(_ links: [ExpiredLink], deadline: Timestamp) throws -> Int {
        // The grace of the bytes is over with that of the last link, unless somebody is storing them again.
        let delete = """
            DELETE FROM repository_blob WHERE repository = ? AND blob = ? AND unreferenced <= ?
            AND NOT EXISTS (SELECT 1 FROM blob WHERE blob.id = repository_blob.blob AND \(LooseRows.isLinkNeeded))
            """
        let expire = """
            UPDATE blob SET unreferenced = max(coalesce(unreferenced, 0), ?)
            WHERE id = ? AND NOT \(LooseRows.isBlobLinked)
            """
        let keep = """
            UPDATE repository_blob SET unreferenced = NULL WHERE repository = ? AND blob = ? AND unreferenced <= ?
            """
        let moment = deadline.millisecondsSince1970
        var count = 0
        for link in links {
            let key: StatementArguments = [link.place.first, link.place.second, moment]
            if try execute(delete, key) > 0 {
                count += 1
                try execute(expire, [moment, link.place.second])
            } else {
                // It was renewed, which leaves it alone, or is needed, which a mark should have seen.
                try execute(keep, key)
            }
        }
        return count
    }

    func expiredManifests(_ kind: LooseManifest, deadline: Timestamp, limit: Int) throws -> [ExpiredManifest]
    {
        let sql = """
            SELECT loose.id, repository.name, loose.digest, length(loose.bytes)
            FROM manifest AS loose JOIN repository ON repository.id = loose.repository
            WHERE loose.unreferenced <= ? AND (loose.subject IS NULL) = ? AND NOT \(LooseRows.isManifestHeld)
            AND NOT \(LooseRows.hasSubject) LIMIT ?
            """
        let arguments: StatementArguments = [deadline.millisecondsSince1970, kind == .untagged, limit]
        return try Row.fetchAll(statement(sql), arguments: arguments).map { row in
            guard let name = RepositoryName(row[1]) else {
                throw MetadataProblem(.corrupt, "the database holds a malformed repository name")
            }
            return ExpiredManifest(
                id: row[0],
                kind: kind,
                repository: name,
                digest: try Self.digest(row[2]),
                size: row[3]
            )
        }
    }

    func removeManifest(_ manifest: ExpiredManifest, deadline: Timestamp) throws -> Bool {
        let sql = """
            DELETE FROM manifest AS loose WHERE id = ? AND unreferenced <= ? AND NOT \(LooseRows.isManifestHeld)
            AND NOT \(LooseRows.hasSubject)
            """
        return try execute(sql, [manifest.id, deadline.millisecondsSince1970]) > 0
    }

    func condemnBlobs(deadline: Timestamp, limit: Int) throws -> Int {
        let sql = """
            UPDATE blob SET condemned = 1 WHERE id IN (
                SELECT id FROM blob WHERE unreferenced <= ? AND condemned = 0 AND NOT \(LooseRows.isBlobLinked) LIMIT ?
            )
            """
        return try execute(sql, [deadline.millisecondsSince1970, limit])
    }

    func condemnedBlobs(limit: Int) throws -> [BlobRecord] {
        let sql = "SELECT digest, size, quarantined IS NOT NULL FROM blob WHERE condemned <> 0 LIMIT ?"
        return try Row.fetchAll(statement(sql), arguments: [limit]).map { try Self.blob($0) }
    }

    func expiredBlobs(deadline: Timestamp, limit: Int) throws -> [BlobRecord] {
        let sql = """
            SELECT digest, size, quarantined IS NOT NULL FROM blob
            WHERE id IN (
                SELECT id FROM blob WHERE unreferenced <= ?1 AND NOT \(LooseRows.isBlobLinked)
                UNION SELECT blob FROM repository_blob WHERE unreferenced <= ?1
            )
            AND coalesce(unreferenced, 0) <= ?1 AND NOT EXISTS (
                SELECT 1 FROM repository_blob WHERE repository_blob.blob = blob.id
                AND (coalesce(repository_blob.unreferenced, ?1 + 1) > ?1 OR \(LooseRows.isLinkNeeded))
            )
            ORDER BY digest LIMIT ?2
            """
        return try Row.fetchAll(
            statement(sql),
            arguments: [deadline.millisecondsSince1970, limit]
        ).map { try Self.blob($0) }
    }

    func forgetCondemnedBlob(_ digest: OCIDigest) throws -> Bool {
        try execute("DELETE FROM blob WHERE digest = ? AND condemned <> 0", [digest.description]) > 0
    }

    func unknownBlobs(_ digests: [OCIDigest]) throws -> [OCIDigest] {
        let known = try statement("SELECT 1 FROM blob WHERE digest = ?")
        return try digests.filter { try known.fetch(Bool.self, [$0.description]) == nil }
    }

    func noteStray(_ digest: OCIDigest, size: Int64, at now: Timestamp) throws {
        let sql = """
            INSERT INTO blob (digest, size, created, unreferenced) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
            """
        let moment = now.millisecondsSince1970
        try execute(sql, [digest.description, size, moment, moment])
    }

    private static func blob(_ row: Row) throws -> BlobRecord {
        BlobRecord(digest: try digest(row[0]), size: row[1], isQuarantined: row[2])
    }
}
