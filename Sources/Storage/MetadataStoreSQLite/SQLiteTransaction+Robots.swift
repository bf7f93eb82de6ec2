// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import GRDB
internal import MetadataStore

extension SQLiteTransaction: RobotRows {
    private static let columns = """
        SELECT robot.*, project.name AS project_name FROM robot LEFT JOIN project ON project.id = robot.project
        """

    func robot(named name: String) throws -> RobotRecord? {
        try Row.fetchOne(statement(Self.columns + " WHERE robot.name = ?"), arguments: [name])
            .map { try robot($0) }
    }

    func robot(_ id: Int64) throws -> RobotRecord? {
        try Row.fetchOne(statement(Self.columns + " WHERE robot.id = ?"), arguments: [id]).map {
            try robot($0)
        }
    }

    func robots(of project: ProjectName?) throws -> [RobotRecord] {
        try Row.fetchAll(
            statement(Self.columns + " WHERE project_name IS ? ORDER BY robot.name"),
            arguments: [project?.description]
        ).map { try robot($0) }
    }

    func createRobot(_ robot: RobotRecord) throws -> Int64 {
        let sql = """
            INSERT INTO robot (name, project, secret, summary, expires, disabled, credential_version, created)
            VALUES (?, (SELECT id FROM project WHERE name = ?), ?, ?, ?, ?, ?, ?)
            """
        try execute(
            sql,
            [
                robot.name, robot.project?.description, robot.secretHash, robot.summary,
                robot.expires?.millisecondsSince1970, robot.isDisabled, robot.credentialVersion,
                robot.created.millisecondsSince1970,
            ]
        )
        let id = database.lastInsertedRowID
        try storeGrants(robot.grants, of: id)
        return id
    }

    func updateRobot(_ robot: RobotRecord) throws {
        let sql = """
            UPDATE robot SET secret = ?, summary = ?, expires = ?, disabled = ?,
                credential_version = credential_version + 1
            WHERE id = ?
            """
        try execute(
            sql,
            [
                robot.secretHash, robot.summary, robot.expires?.millisecondsSince1970, robot.isDisabled,
                robot.id,
            ]
        )
        try execute("DELETE FROM robot_grant WHERE robot = ?", [robot.id])
        try storeGrants(robot.grants, of: robot.id)
    }

    func deleteRobot(_ id: Int64) throws -> Bool { try execute("DELETE FROM robot WHERE id = ?", [id]) > 0 }

    private func storeGrants(_ grants: [RobotGrant], of robot: Int64) throws {
        let sql = "INSERT OR IGNORE INTO robot_grant (robot, realm, permission) VALUES (?, ?, ?)"
        for grant in grants {
            try execute(sql, [robot, grant.realm.description, grant.permission.description])
        }
    }

    private func robot(_ row: Row) throws -> RobotRecord {
        let id: Int64 = row["id"]
        let grants = try Row.fetchAll(
            statement("SELECT realm, permission FROM robot_grant WHERE robot = ? ORDER BY realm, permission"),
            arguments: [id]
        )
        return RobotRecord(
            id: id,
            name: row["name"],
            project: (row["project_name"] as String?).flatMap { ProjectName($0) },
            secretHash: row["secret"],
            summary: row["summary"],
            expires: (row["expires"] as Int64?).map { Timestamp(millisecondsSince1970: $0) },
            isDisabled: row["disabled"],
            credentialVersion: row["credential_version"],
            created: Timestamp(millisecondsSince1970: row["created"]),
            // A grant that a later version has written and this one does not know grants nothing.
            grants: grants.compactMap { row in
                guard let realm = RobotGrant.Realm(row[0]), let permission = Permission(row[1]) else {
                    return nil
                }
                return RobotGrant(realm, permission)
            }
        )
    }
}
