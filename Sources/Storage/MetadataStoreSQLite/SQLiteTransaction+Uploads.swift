// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import MetadataStore
internal import OCISpec

extension SQLiteTransaction: UploadRows {
    func storeUpload(_ upload: UploadRecord) throws {
        try execute(
            "INSERT INTO upload (id, repository, touched) VALUES (?, ?, ?)",
            [upload.id, upload.repository.description, upload.touched.millisecondsSince1970]
        )
    }

    func upload(_ id: String) throws -> UploadRecord? {
        try Row.fetchOne(
            statement("SELECT id, repository, touched FROM upload WHERE id = ?"),
            arguments: [id]
        ).map { try Self.upload($0) }
    }

    func touchUpload(_ id: String, at now: Timestamp) throws {
        try execute("UPDATE upload SET touched = ? WHERE id = ?", [now.millisecondsSince1970, id])
    }

    func deleteUpload(_ id: String) throws -> Bool {
        try execute("DELETE FROM upload WHERE id = ?", [id]) > 0
    }

    func uploads(untouchedSince deadline: Timestamp) throws -> [UploadRecord] {
        try Row.fetchAll(
            statement("SELECT id, repository, touched FROM upload WHERE touched < ?"),
            arguments: [deadline.millisecondsSince1970]
        ).map { try Self.upload($0) }
    }

    private static func upload(_ row: Row) throws -> UploadRecord {
        guard let repository = RepositoryName(row["repository"]) else {
            throw MetadataProblem(.corrupt, "the database holds a malformed repository name")
        }
        return UploadRecord(
            id: row["id"],
            repository: repository,
            touched: Timestamp(millisecondsSince1970: row["touched"])
        )
    }
}
