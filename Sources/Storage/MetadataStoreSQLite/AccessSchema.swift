// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// The tables of access control: accounts, projects, members, robots, tokens, and the records of changes.
///
/// Whatever was pushed before becomes a public project, as it was open to everybody.
enum AccessSchema {
    static let create: @Sendable (Database) throws -> Void = { database in
        try database.execute(
            sql: """
                CREATE TABLE account (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    name TEXT NOT NULL UNIQUE,
                    password TEXT,
                    administrator INTEGER NOT NULL,
                    disabled INTEGER NOT NULL,
                    credential_version INTEGER NOT NULL,
                    created INTEGER NOT NULL
                );
                CREATE TABLE project (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    name TEXT NOT NULL UNIQUE,
                    public INTEGER NOT NULL,
                    created INTEGER NOT NULL
                );
                CREATE TABLE project_member (
                    project INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
                    account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                    role INTEGER NOT NULL,
                    PRIMARY KEY (project, account)
                ) WITHOUT ROWID;
                CREATE INDEX project_member_by_account ON project_member(account);
                CREATE TABLE robot (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    name TEXT NOT NULL UNIQUE,
                    project INTEGER REFERENCES project(id) ON DELETE CASCADE,
                    secret TEXT NOT NULL,
                    summary TEXT NOT NULL,
                    expires INTEGER,
                    disabled INTEGER NOT NULL,
                    credential_version INTEGER NOT NULL,
                    created INTEGER NOT NULL
                );
                CREATE INDEX robot_by_project ON robot(project);
                CREATE TABLE robot_grant (
                    robot INTEGER NOT NULL REFERENCES robot(id) ON DELETE CASCADE,
                    realm TEXT NOT NULL,
                    permission TEXT NOT NULL,
                    PRIMARY KEY (robot, realm, permission)
                ) WITHOUT ROWID;
                CREATE TABLE refresh_token (
                    hash TEXT PRIMARY KEY,
                    account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
                    service TEXT NOT NULL,
                    credential_version INTEGER NOT NULL,
                    expires INTEGER NOT NULL
                ) WITHOUT ROWID;
                CREATE INDEX refresh_token_by_account ON refresh_token(account);
                CREATE TABLE token_key (
                    id TEXT PRIMARY KEY,
                    pem TEXT NOT NULL,
                    created INTEGER NOT NULL
                ) WITHOUT ROWID;
                CREATE TABLE audit (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    at INTEGER NOT NULL,
                    actor TEXT NOT NULL,
                    address TEXT NOT NULL,
                    request TEXT NOT NULL,
                    action TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    detail TEXT NOT NULL
                );
                CREATE INDEX audit_by_at ON audit(at);
                INSERT INTO project (name, public, created)
                    SELECT substr(name || '/', 1, instr(name || '/', '/') - 1), 1, min(created)
                    FROM repository GROUP BY 1;
                """
        )
    }
}
