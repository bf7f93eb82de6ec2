// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import MetadataStore

extension SQLiteTransaction: TokenRows {
    func storeRefreshToken(_ token: RefreshTokenRecord) throws {
        let sql = """
            INSERT INTO refresh_token (hash, account, service, credential_version, expires) VALUES (?, ?, ?, ?, ?)
            """
        try execute(
            sql,
            [
                token.hash, token.accountID, token.service, token.credentialVersion,
                token.expires.millisecondsSince1970,
            ]
        )
    }

    func refreshToken(_ hash: String) throws -> RefreshTokenRecord? {
        try Row.fetchOne(statement("SELECT * FROM refresh_token WHERE hash = ?"), arguments: [hash]).map {
            RefreshTokenRecord(
                hash: $0["hash"],
                accountID: $0["account"],
                service: $0["service"],
                credentialVersion: $0["credential_version"],
                expires: Timestamp(millisecondsSince1970: $0["expires"])
            )
        }
    }

    func deleteRefreshTokens(expiredAt now: Timestamp) throws {
        try execute("DELETE FROM refresh_token WHERE expires <= ?", [now.millisecondsSince1970])
    }

    func tokenKeys() throws -> [TokenKeyRecord] {
        try Row.fetchAll(statement("SELECT * FROM token_key ORDER BY created DESC, id")).map {
            TokenKeyRecord(
                id: $0["id"],
                pem: $0["pem"],
                created: Timestamp(millisecondsSince1970: $0["created"])
            )
        }
    }

    func storeTokenKey(_ key: TokenKeyRecord) throws {
        try execute(
            "INSERT INTO token_key (id, pem, created) VALUES (?, ?, ?)",
            [key.id, key.pem, key.created.millisecondsSince1970]
        )
    }

    func deleteTokenKeys(createdBefore deadline: Timestamp) throws {
        try execute("DELETE FROM token_key WHERE created < ?", [deadline.millisecondsSince1970])
    }
}

extension SQLiteTransaction: AuditRows {
    func audit(_ action: String, _ subject: String, _ detail: String, by actor: AuditActor, at now: Timestamp)
        throws
    {
        let sql = """
            INSERT INTO audit (at, actor, address, request, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        try execute(
            sql,
            [now.millisecondsSince1970, actor.name, actor.address, actor.request, action, subject, detail]
        )
    }

    func auditRecords(before: Int64?, limit: Int) throws -> [AuditRecord] {
        try Row.fetchAll(
            statement("SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?"),
            arguments: [before ?? .max, limit]
        ).map { row in
            AuditRecord(
                id: row["id"],
                at: Timestamp(millisecondsSince1970: row["at"]),
                actor: AuditActor(name: row["actor"], address: row["address"], request: row["request"]),
                action: row["action"],
                subject: row["subject"],
                detail: row["detail"]
            )
        }
    }

    func deleteAuditRecords(before deadline: Timestamp) throws {
        try execute("DELETE FROM audit WHERE at < ?", [deadline.millisecondsSince1970])
    }
}
