// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import GRDB
internal import MetadataStore

/// The column that takes a blob out of sight: when its bytes were found damaged or gone.
///
/// The links of repositories stay, so that one upload heals the blob for all of them.
enum QuarantineSchema {
    static let create: @Sendable (Database) throws -> Void = { database in
        try database.execute(sql: "ALTER TABLE blob ADD COLUMN quarantined INTEGER")
    }
}

extension SQLiteTransaction: UpkeepRows {
    func blobs(after last: String?, limit: Int) throws -> [BlobRecord] {
        let sql = """
            SELECT digest, size, quarantined IS NOT NULL FROM blob
            WHERE digest > ? AND id IN (SELECT blob FROM repository_blob) ORDER BY digest LIMIT ?
            """
        return try Row.fetchAll(statement(sql), arguments: [last ?? "", limit]).map { row in
            BlobRecord(digest: try Self.digest(row[0]), size: row[1], isQuarantined: row[2])
        }
    }

    func quarantineBlob(_ digest: OCIDigest, at now: Timestamp) throws {
        try execute(
            "UPDATE blob SET quarantined = ? WHERE digest = ?",
            [now.millisecondsSince1970, digest.description]
        )
    }

    func releaseBlob(_ digest: OCIDigest) throws {
        try execute("UPDATE blob SET quarantined = NULL WHERE digest = ?", [digest.description])
    }

    func manifests(needing digest: OCIDigest) throws -> [ManifestUse] {
        let sql = """
            WITH RECURSIVE hurt(id) AS (
                SELECT manifest FROM manifest_reference WHERE digest = ?
                UNION
                SELECT parent.id FROM hurt JOIN manifest AS child ON child.id = hurt.id
                JOIN manifest_reference ON manifest_reference.digest = child.digest
                JOIN manifest AS parent
                    ON parent.id = manifest_reference.manifest AND parent.repository = child.repository
            )
            SELECT repository.name, manifest.digest, tag.name FROM hurt
            JOIN manifest ON manifest.id = hurt.id JOIN repository ON repository.id = manifest.repository
            LEFT JOIN tag ON tag.repository = manifest.repository AND tag.digest = manifest.digest
            ORDER BY 1, 2, 3
            """
        var uses: [ManifestUse] = []
        for row in try Row.fetchAll(statement(sql), arguments: [digest.description]) {
            let (repository, manifest, tag): (String, String, String?) = (row[0], row[1], row[2])
            var tags = tag.map { [$0] } ?? []
            if let last = uses.last, last.repository == repository, last.digest == manifest {
                tags = last.tags + tags
                uses.removeLast()
            }
            uses.append(ManifestUse(repository: repository, digest: manifest, tags: tags))
        }
        return uses
    }
}
