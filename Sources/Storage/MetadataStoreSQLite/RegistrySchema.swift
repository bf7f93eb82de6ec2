// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// The tables of the registry: repositories, blobs, manifests, tags, uploads, settings.
///
/// Digests are text (`sha256:…`), moments are milliseconds since 1970, text is compared byte by byte.
enum RegistrySchema {
    static let create: @Sendable (Database) throws -> Void = { database in
        try database.execute(
            sql: """
                CREATE TABLE repository (
                    id INTEGER PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    created INTEGER NOT NULL
                );
                CREATE TABLE blob (
                    id INTEGER PRIMARY KEY,
                    digest TEXT NOT NULL UNIQUE,
                    size INTEGER NOT NULL,
                    created INTEGER NOT NULL
                );
                CREATE TABLE repository_blob (
                    repository INTEGER NOT NULL REFERENCES repository(id),
                    blob INTEGER NOT NULL REFERENCES blob(id),
                    linked INTEGER NOT NULL,
                    PRIMARY KEY (repository, blob)
                ) WITHOUT ROWID;
                CREATE INDEX repository_blob_by_blob ON repository_blob(blob);
                CREATE TABLE manifest (
                    id INTEGER PRIMARY KEY,
                    repository INTEGER NOT NULL REFERENCES repository(id),
                    digest TEXT NOT NULL,
                    media_type TEXT NOT NULL,
                    artifact_type TEXT,
                    config_type TEXT,
                    subject TEXT,
                    bytes BLOB NOT NULL,
                    created INTEGER NOT NULL,
                    UNIQUE (repository, digest)
                );
                CREATE INDEX manifest_by_subject ON manifest(repository, subject) WHERE subject IS NOT NULL;
                CREATE TABLE manifest_reference (
                    manifest INTEGER NOT NULL REFERENCES manifest(id) ON DELETE CASCADE,
                    position INTEGER NOT NULL,
                    kind TEXT NOT NULL,
                    digest TEXT NOT NULL,
                    PRIMARY KEY (manifest, position)
                ) WITHOUT ROWID;
                CREATE INDEX manifest_reference_by_digest ON manifest_reference(digest);
                CREATE TABLE tag (
                    repository INTEGER NOT NULL REFERENCES repository(id),
                    name TEXT NOT NULL,
                    digest TEXT NOT NULL,
                    updated INTEGER NOT NULL,
                    PRIMARY KEY (repository, name)
                ) WITHOUT ROWID;
                CREATE INDEX tag_by_digest ON tag(repository, digest);
                CREATE TABLE upload (
                    id TEXT PRIMARY KEY,
                    repository TEXT NOT NULL,
                    touched INTEGER NOT NULL
                ) WITHOUT ROWID;
                CREATE TABLE setting (
                    key TEXT PRIMARY KEY,
                    value TEXT NOT NULL
                ) WITHOUT ROWID;
                """
        )
    }
}

/// The publication of tags.
///
/// Names are text, not row numbers, because a row outlives its tag.
enum PublicationSchema {
    static let create: @Sendable (Database) throws -> Void = { database in
        try database.execute(
            sql: """
                CREATE TABLE publication (
                    repository TEXT NOT NULL,
                    tag TEXT NOT NULL,
                    digest TEXT,
                    state TEXT NOT NULL,
                    reason TEXT,
                    layers_done INTEGER NOT NULL DEFAULT 0,
                    layers_total INTEGER NOT NULL DEFAULT 0,
                    published_repository TEXT,
                    revision INTEGER,
                    path TEXT,
                    warnings TEXT NOT NULL DEFAULT '[]',
                    error TEXT,
                    generation INTEGER NOT NULL,
                    published_generation INTEGER NOT NULL DEFAULT 0,
                    changed INTEGER NOT NULL,
                    PRIMARY KEY (repository, tag)
                ) WITHOUT ROWID;
                CREATE INDEX publication_pending ON publication(changed)
                    WHERE generation <> published_generation AND state IN ('stored', 'ingesting', 'published');
                """
        )
    }
}
