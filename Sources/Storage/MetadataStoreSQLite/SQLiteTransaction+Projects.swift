// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import GRDB
internal import MetadataStore
internal import OCISpec

extension SQLiteTransaction: ProjectRows {
    func project(named name: ProjectName) throws -> ProjectRecord? {
        try Row.fetchOne(
            statement("SELECT * FROM project WHERE name = ?"),
            arguments: [name.description]
        ).map { try Self.project($0) }
    }

    func projects(after last: String?, limit: Int) throws -> [ProjectRecord] {
        try Row.fetchAll(
            statement("SELECT * FROM project WHERE name > ? ORDER BY name LIMIT ?"),
            arguments: [last ?? "", limit]
        ).map { try Self.project($0) }
    }

    func createProject(_ name: ProjectName, isPublic: Bool, at now: Timestamp) throws -> ProjectRecord {
        try execute(
            "INSERT INTO project (name, public, created) VALUES (?, ?, ?)",
            [name.description, isPublic, now.millisecondsSince1970]
        )
        return ProjectRecord(id: database.lastInsertedRowID, name: name, isPublic: isPublic, created: now)
    }

    func setPublic(_ isPublic: Bool, of project: ProjectRecord) throws {
        try execute("UPDATE project SET public = ? WHERE id = ?", [isPublic, project.id])
    }

    func deleteProject(_ name: ProjectName) throws -> Bool {
        try execute("DELETE FROM project WHERE name = ?", [name.description]) > 0
    }

    func repositoryCount(in project: ProjectName) throws -> Int {
        try statement("SELECT count(*) FROM repository WHERE \(Self.isWithin)")
            .fetch(Int.self, Self.range(of: project)) ?? 0
    }

    func republish(_ project: ProjectName, at now: Timestamp) throws {
        let sql = """
            UPDATE publication SET \(Self.review)
            WHERE digest IS NOT NULL AND (repository = ? OR (repository > ? AND repository < ?))
            """
        let range = [project.description, "\(project)/", "\(project)0"]
        let changed = try execute(sql, [now.millisecondsSince1970, range[0], range[1], range[2]])
        if changed > 0 { hasEnqueued = true }
    }

    func role(of account: Int64, in project: ProjectRecord) throws -> ProjectRole? {
        try statement("SELECT role FROM project_member WHERE project = ? AND account = ?")
            .fetch(Int.self, [project.id, account]).flatMap { ProjectRole(rawValue: $0) }
    }

    func members(of project: ProjectRecord) throws -> [MemberRecord] {
        let sql = """
            SELECT account.id, account.name, role FROM project_member JOIN account ON account.id = account
            WHERE project = ? ORDER BY account.name
            """
        return try Row.fetchAll(statement(sql), arguments: [project.id]).compactMap { row in
            ProjectRole(rawValue: row[2]).map {
                MemberRecord(accountID: row[0], accountName: row[1], role: $0)
            }
        }
    }

    func setRole(_ role: ProjectRole?, of account: Int64, in project: ProjectRecord) throws {
        guard let role else {
            try execute(
                "DELETE FROM project_member WHERE project = ? AND account = ?",
                [project.id, account]
            )
            return
        }
        let sql = """
            INSERT INTO project_member (project, account, role) VALUES (?, ?, ?)
            ON CONFLICT (project, account) DO UPDATE SET role = excluded.role
            """
        try execute(sql, [project.id, account, role.rawValue])
    }

    func memberships(of account: Int64) throws -> [ProjectName] {
        let sql = """
            SELECT project.name FROM project_member JOIN project ON project.id = project
            WHERE account = ? ORDER BY project.name
            """
        return try String.fetchAll(statement(sql), arguments: [account]).compactMap { ProjectName($0) }
    }

    // A project's repositories lie together in the order of names: the name itself, and what follows its slash. '0' is
    // the character after the slash.
    private static let isWithin = "(repository.name = ? OR (repository.name > ? AND repository.name < ?))"

    private static func range(of project: ProjectName) -> StatementArguments {
        [project.description, "\(project)/", "\(project)0"]
    }

    private static func project(_ row: Row) throws -> ProjectRecord {
        guard let name = ProjectName(row["name"]) else {
            throw MetadataProblem(.corrupt, "the database holds a malformed project name")
        }
        return ProjectRecord(
            id: row["id"],
            name: name,
            isPublic: row["public"],
            created: Timestamp(millisecondsSince1970: row["created"])
        )
    }
}
