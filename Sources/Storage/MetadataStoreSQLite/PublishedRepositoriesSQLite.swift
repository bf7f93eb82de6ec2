// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Foundation
internal import GRDB
package import MetadataStore

/// The tables of published repositories and of the content map.
enum PublishedRepositorySchema {
    static let create: @Sendable (Database) throws -> Void = { database in
        try database.execute(
            sql: """
                CREATE TABLE published_repository (
                    name TEXT PRIMARY KEY,
                    profile TEXT NOT NULL,
                    algorithm INTEGER NOT NULL,
                    manifest BLOB NOT NULL,
                    revision INTEGER NOT NULL,
                    timestamp INTEGER NOT NULL,
                    token INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE published_content (
                    repository TEXT NOT NULL,
                    is_chunk INTEGER NOT NULL,
                    sha256 BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    object BLOB NOT NULL,
                    PRIMARY KEY (repository, is_chunk, sha256)
                ) STRICT, WITHOUT ROWID;
                CREATE UNIQUE INDEX published_content_object
                    ON published_content (repository, is_chunk, object, algorithm);
                """
        )
    }
}

/// The column that says which contents are stored as they are.
enum PlainContentSchema {
    static let create: @Sendable (Database) throws -> Void = { database in
        try database.execute(
            sql: "ALTER TABLE published_content ADD COLUMN is_plain INTEGER NOT NULL DEFAULT 0"
        )
    }
}

extension SQLiteMetadataStore: PublishedRepositories {
    package func create(_ record: PublishedRepositoryRecord) throws {
        try writeBlocking { (database: Database) in
            try database.execute(
                sql: """
                    INSERT INTO published_repository
                        (name, profile, algorithm, manifest, revision, timestamp, token)
                    VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING
                    """,
                arguments: [
                    record.name, record.profile, Int(record.algorithm.rawValue), record.manifest.data,
                    Int64(clamping: record.revision), record.timestamp,
                ]
            )
        }
    }

    package func record(of name: String) throws -> PublishedRepositoryRecord? {
        try readBlocking { (database: Database) in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT name, profile, algorithm, manifest, revision, timestamp FROM published_repository
                    WHERE name = ?
                    """,
                arguments: [name]
            )
            return row.flatMap { row in
                let number: Int = row[2]
                let manifest: Data = row[3]
                let revision: Int64 = row[4]
                guard let algorithm = UInt8(exactly: number).flatMap({ ContentHashAlgorithm(rawValue: $0) })
                else {
                    return nil
                }
                return PublishedRepositoryRecord(
                    name: row[0],
                    profile: row[1],
                    algorithm: algorithm,
                    manifest: [UInt8](manifest),
                    revision: UInt64(clamping: revision),
                    timestamp: row[5]
                )
            }
        }
    }

    package func repositoryNames() throws -> [String] {
        try readBlocking { (database: Database) in
            try String.fetchAll(database, sql: "SELECT name FROM published_repository ORDER BY name")
        }
    }

    package func acquireWriter(of name: String) throws -> Int64 {
        try writeBlocking { (database: Database) in
            try Int64.fetchOne(
                database,
                sql: "UPDATE published_repository SET token = token + 1 WHERE name = ? RETURNING token",
                arguments: [name]
            ) ?? 0
        }
    }

    package func swapManifest(
        of name: String,
        token: Int64,
        manifest: [UInt8],
        revision: UInt64,
        timestamp: Int64
    ) throws -> Bool {
        let isSwapped = try writeBlocking { (database: Database) in
            try database.execute(
                sql: """
                    UPDATE published_repository SET manifest = ?, revision = ?, timestamp = ?
                    WHERE name = ? AND token = ? AND revision < ?
                    """,
                arguments: [
                    manifest.data, Int64(clamping: revision), timestamp, name, token,
                    Int64(clamping: revision),
                ]
            )
            return database.changesCount == 1
        }
        if isSwapped { manifestSignal.raise() }
        return isSwapped
    }
}

extension SQLiteMetadataStore {
    /// The signed manifest of record of a repository, for tasks: what `.cvmfspublished` is answered from.
    package func publishedManifest(of name: String) async throws -> [UInt8]? {
        try await readDatabase { database in
            try Data.fetchOne(
                database,
                sql: "SELECT manifest FROM published_repository WHERE name = ?",
                arguments: [name]
            )
            .map { [UInt8]($0) }
        }
    }
}

extension SQLiteMetadataStore: ContentMap {
    package func object(for content: ContentKey, in repository: String) throws -> ContentObject? {
        let found = try lookUpBlocking {
            (database: Database) -> (object: ContentObject, isCondemned: Bool?)? in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT published_content.algorithm, published_content.object, collectable.condemned,
                        published_content.is_plain
                    FROM published_content LEFT JOIN collectable
                    ON collectable.repository = published_content.repository
                    AND collectable.kind = published_content.algorithm * 256 + published_content.is_chunk
                    AND collectable.name = published_content.object
                    WHERE published_content.repository = ? AND is_chunk = ? AND sha256 = ?
                    """
            )
            let row = try Row.fetchOne(
                statement,
                arguments: [repository, content.isChunk, content.sha256.data]
            )
            return row.flatMap { row in
                let number: Int = row[0]
                let object: Data = row[1]
                return UInt8(exactly: number).flatMap { ContentHashAlgorithm(rawValue: $0) }
                    .flatMap { ContentHash(algorithm: $0, bytes: object) }
                    .map { (ContentObject($0, isPlain: row[3]), row[2]) }
            }
        }
        guard let found, let isCondemned = found.isCondemned else { return found?.object }
        let name = CollectableName.object(found.object.hash, content.isChunk ? .chunk : .file)
        guard !isCondemned else {
            try hold(name, in: repository)
            return nil
        }
        try renewals.add(name, in: repository, through: self)
        return found.object
    }

    package func content(of object: ContentHash, isChunk: Bool, in repository: String) throws -> [UInt8]? {
        try lookUpBlocking { (database: Database) in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT sha256 FROM published_content
                    WHERE repository = ? AND is_chunk = ? AND object = ? AND algorithm = ?
                    """
            )
            return try Data.fetchOne(
                statement,
                arguments: [repository, isChunk, object.bytes.data, Int(object.algorithm.rawValue)]
            )
            .map { [UInt8]($0) }
        }
    }

    package func record(_ objects: [(content: ContentKey, object: ContentObject)], in repository: String)
        throws
    {
        try writeBlocking { (database: Database) in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO published_content (repository, is_chunk, sha256, algorithm, object, is_plain)
                    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """
            )
            for (content, object) in objects {
                try statement.execute(
                    arguments: [
                        repository, content.isChunk, content.sha256.data, Int(object.hash.algorithm.rawValue),
                        object.hash.bytes.data, object.isPlain,
                    ]
                )
            }
        }
    }
}

extension [UInt8] {
    fileprivate var data: Data { Data(self) }
}
