// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import Digests
internal import GRDB
internal import MetadataStore
internal import OCISpec

/// A transaction on one connection.
///
/// Lives no longer than GRDB's closure.
final class SQLiteTransaction: RepositoryRows, SettingRows {
    let database: Database
    /// Whether a publication was enqueued.
    var hasEnqueued = false

    init(database: Database) { self.database = database }

    func repository(named name: RepositoryName) throws -> RepositoryRecord? {
        try statement("SELECT id FROM repository WHERE name = ?").fetch(Int64.self, [name.description])
            .map { RepositoryRecord(id: $0, name: name) }
    }

    func makeRepository(named name: RepositoryName, at now: Timestamp) throws -> RepositoryRecord {
        if let known = try repository(named: name) { return known }
        try makeProject(ProjectName(of: name), at: now)
        try execute(
            "INSERT INTO repository (name, created) VALUES (?, ?)",
            [name.description, now.millisecondsSince1970]
        )
        return RepositoryRecord(id: database.lastInsertedRowID, name: name)
    }

    /// The first push makes a project as long as everything is open; afterwards somebody must have made it on purpose.
    ///
    /// Asked within the transaction of the push, so that a push which began before the first account cannot slip through.
    private func makeProject(_ name: ProjectName, at now: Timestamp) throws {
        guard try project(named: name) == nil else { return }
        guard try !hasAccounts() else {
            throw MetadataProblem(.projectUnknown, "there is no project '\(name)'")
        }
        _ = try createProject(name, isPublic: true, at: now)
    }

    func repositoryNames(after last: String?, limit: Int) throws -> [RepositoryName] {
        try String.fetchAll(
            try statement("SELECT name FROM repository WHERE name > ? ORDER BY name LIMIT ?"),
            arguments: [last ?? "", limit]
        ).compactMap { RepositoryName($0) }
    }

    func setting(_ key: String) throws -> String? {
        try statement("SELECT value FROM setting WHERE key = ?").fetch(String.self, [key])
    }

    func setSetting(_ key: String, to value: String) throws {
        try execute(
            "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, value]
        )
    }

    // MARK: Statements

    /// A statement that was prepared before on this connection, or is now.
    func statement(_ sql: String) throws -> Statement { try database.cachedStatement(sql: sql) }

    /// Runs a changing statement and returns the number of rows that it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        try statement(sql).execute(arguments: arguments)
        return database.changesCount
    }

    /// Reads a digest that this program has written.
    static func digest(_ text: String) throws -> OCIDigest {
        guard let digest = OCIDigest(text) else {
            throw MetadataProblem(.corrupt, "the database holds a malformed digest")
        }
        return digest
    }
}

extension Statement {
    /// The first column of the first row.
    func fetch<Value: DatabaseValueConvertible>(
        _ type: Value.Type,
        _ arguments: StatementArguments
    ) throws -> Value? {
        try Value.fetchOne(self, arguments: arguments)
    }
}
