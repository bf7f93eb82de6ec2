// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// The columns that say since when nothing refers to a content, and the runs of the collection.
///
/// `unreferenced` is observed time in milliseconds, NULL where no mark has found the row unreferenced.
enum CollectionSchema {
    static let create: @Sendable (Database) throws -> Void = { database in
        try database.execute(
            sql: """
                ALTER TABLE repository_blob ADD COLUMN unreferenced INTEGER;
                CREATE INDEX repository_blob_unreferenced ON repository_blob(unreferenced)
                    WHERE unreferenced IS NOT NULL;
                ALTER TABLE blob ADD COLUMN unreferenced INTEGER;
                ALTER TABLE blob ADD COLUMN condemned INTEGER NOT NULL DEFAULT 0;
                CREATE INDEX blob_unreferenced ON blob(unreferenced) WHERE unreferenced IS NOT NULL;
                CREATE INDEX blob_condemned ON blob(id) WHERE condemned <> 0;
                ALTER TABLE manifest ADD COLUMN unreferenced INTEGER;
                CREATE INDEX manifest_unreferenced ON manifest(unreferenced) WHERE unreferenced IS NOT NULL;
                CREATE TABLE collection_run (
                    id INTEGER PRIMARY KEY,
                    subject TEXT NOT NULL,
                    outcome TEXT NOT NULL,
                    description TEXT NOT NULL
                );
                CREATE TABLE collectable (
                    repository TEXT NOT NULL,
                    kind INTEGER NOT NULL,
                    name BLOB NOT NULL,
                    unreferenced INTEGER NOT NULL,
                    condemned INTEGER NOT NULL DEFAULT 0,
                    PRIMARY KEY (repository, kind, name)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX collectable_condemned ON collectable(repository) WHERE condemned <> 0;
                """
        )
    }
}
