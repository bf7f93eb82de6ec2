// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// What projects and people decide about publication.
///
/// A private repository is kept by the name of its project, not by its row: it stays private when the project is gone.
enum PublicationRulesSchema {
    static let create: @Sendable (Database) throws -> Void = { database in
        try database.execute(
            sql: """
                CREATE TABLE publication_rules (
                    project INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
                    key TEXT NOT NULL,
                    value TEXT NOT NULL,
                    PRIMARY KEY (project, key)
                ) WITHOUT ROWID;
                CREATE TABLE private_repository (
                    name TEXT PRIMARY KEY,
                    project TEXT NOT NULL
                ) WITHOUT ROWID;
                ALTER TABLE publication ADD COLUMN wish TEXT;
                """
        )
    }

    static let addHome: @Sendable (Database) throws -> Void = { database in
        try database.execute(
            sql: """
                ALTER TABLE publication ADD COLUMN home TEXT;
                UPDATE publication SET home = published_repository;
                """
        )
    }
}
