// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Foundation
internal import GRDB
internal import MetadataStore

extension SQLiteTransaction: ManifestRows {
    func manifest(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> ManifestRecord? {
        let sql = """
            SELECT digest, media_type, artifact_type, config_type, subject, bytes, id, unreferenced FROM manifest
            WHERE repository = ? AND digest = ?
            """
        let arguments: StatementArguments = [repository.id, digest.description]
        return try Row.fetchOne(statement(sql), arguments: arguments).map { try Self.manifest($0) }
    }

    func manifestSize(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> Int64? {
        try statement("SELECT length(bytes) FROM manifest WHERE repository = ? AND digest = ?")
            .fetch(Int64.self, [repository.id, digest.description])
    }

    func storeManifest(
        _ manifest: ManifestRecord,
        needing references: [ManifestReference],
        in repository: RepositoryRecord,
        at now: Timestamp
    ) throws {
        guard try manifestSize(manifest.digest, in: repository) == nil else {
            return try noteReference(to: manifest.digest, in: repository)
        }
        let sql = """
            INSERT INTO manifest
                (repository, digest, media_type, artifact_type, config_type, subject, bytes, created)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """
        try execute(
            sql,
            [
                repository.id, manifest.digest.description, manifest.mediaType, manifest.artifactType,
                manifest.configType, manifest.subject?.description, Data(manifest.bytes),
                now.millisecondsSince1970,
            ]
        )
        let id = database.lastInsertedRowID
        let insert = "INSERT INTO manifest_reference (manifest, position, kind, digest) VALUES (?, ?, ?, ?)"
        for (position, reference) in references.enumerated() {
            try execute(insert, [id, position, reference.kind.rawValue, reference.digest.description])
            try noteReference(to: reference.digest, in: repository)
        }
        try noteSubject(manifest.digest, in: repository)
    }

    func deleteManifest(_ digest: OCIDigest, in repository: RepositoryRecord) throws -> Bool {
        try execute(
            "DELETE FROM manifest WHERE repository = ? AND digest = ?",
            [repository.id, digest.description]
        ) > 0
    }

    func walkReferrers(
        of subject: OCIDigest,
        in repository: RepositoryRecord,
        artifactTypes: Set<String>,
        after position: Int64?,
        _ body: (_ position: Int64, ManifestRecord) throws -> Bool
    ) throws {
        // A lower number is an older manifest.
        let sql = """
            SELECT digest, media_type, artifact_type, config_type, subject, bytes, id, unreferenced FROM manifest
            WHERE repository = ? AND subject = ? AND id < ? ORDER BY id DESC
            """
        let arguments: StatementArguments = [repository.id, subject.description, position ?? Int64.max]
        let rows = try Row.fetchCursor(statement(sql), arguments: arguments)
        while let row = try rows.next() {
            let type: String? = row["artifact_type"]
            guard artifactTypes.isEmpty || type.map({ artifactTypes.contains($0) }) ?? false else { continue }
            guard try body(row["id"], Self.manifest(row)) else { return }
        }
    }

    private static func manifest(_ row: Row) throws -> ManifestRecord {
        var record = ManifestRecord(
            digest: try digest(row["digest"]),
            mediaType: row["media_type"],
            artifactType: row["artifact_type"],
            configType: row["config_type"],
            subject: try (row["subject"] as String?).map { try digest($0) },
            bytes: [UInt8](row["bytes"] as Data)
        )
        record.isUnreferenced = (row["unreferenced"] as Int64?) != nil
        return record
    }
}
