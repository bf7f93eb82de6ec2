// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import MetadataStore

extension SQLiteTransaction: AccountRows {
    func hasAccounts() throws -> Bool {
        try statement("SELECT EXISTS (SELECT 1 FROM account)").fetch(Bool.self, []) ?? false
    }

    func account(named name: String) throws -> AccountRecord? {
        try Row.fetchOne(statement("SELECT * FROM account WHERE name = ?"), arguments: [name])
            .map { Self.account($0) }
    }

    func account(_ id: Int64) throws -> AccountRecord? {
        try Row.fetchOne(statement("SELECT * FROM account WHERE id = ?"), arguments: [id])
            .map { Self.account($0) }
    }

    func accounts(after last: String?, limit: Int) throws -> [AccountRecord] {
        try Row.fetchAll(
            statement("SELECT * FROM account WHERE name > ? ORDER BY name LIMIT ?"),
            arguments: [last ?? "", limit]
        ).map { Self.account($0) }
    }

    func createAccount(_ account: AccountRecord) throws -> Int64 {
        let sql = """
            INSERT INTO account (name, password, administrator, disabled, credential_version, created)
            VALUES (?, ?, ?, ?, ?, ?)
            """
        try execute(
            sql,
            [
                account.name, account.passwordHash, account.isAdministrator, account.isDisabled,
                account.credentialVersion, account.created.millisecondsSince1970,
            ]
        )
        return database.lastInsertedRowID
    }

    func updateAccount(_ account: AccountRecord) throws {
        let sql = """
            UPDATE account SET password = ?, administrator = ?, disabled = ?,
                credential_version = credential_version + 1
            WHERE id = ?
            """
        try execute(sql, [account.passwordHash, account.isAdministrator, account.isDisabled, account.id])
    }

    func rehashPassword(of account: Int64, from old: String, to new: String) throws {
        try execute("UPDATE account SET password = ? WHERE id = ? AND password = ?", [new, account, old])
    }

    func deleteAccount(_ id: Int64) throws -> Bool {
        try execute("DELETE FROM account WHERE id = ?", [id]) > 0
    }

    func administratorCount() throws -> Int {
        try statement("SELECT count(*) FROM account WHERE administrator AND NOT disabled").fetch(Int.self, [])
            ?? 0
    }

    private static func account(_ row: Row) -> AccountRecord {
        AccountRecord(
            id: row["id"],
            name: row["name"],
            passwordHash: row["password"],
            isAdministrator: row["administrator"],
            isDisabled: row["disabled"],
            credentialVersion: row["credential_version"],
            created: Timestamp(millisecondsSince1970: row["created"])
        )
    }
}
