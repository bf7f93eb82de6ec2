// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import MetadataStore

extension SQLiteMetadataStore {
    /// Copies a database that a server may be writing to, as it was at one moment, into a new file.
    ///
    /// Blocks. In write-ahead mode a reader holds no writer up.
    ///
    /// - Throws: `corrupt` if the copy does not pass SQLite's own check; `outOfSpace`; `failed`.
    package static func copyDatabase(at source: String, to target: String) throws {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            let from = try DatabaseQueue(path: source, configuration: configuration)
            let to = try DatabaseQueue(path: target)
            try from.backup(to: to)
            let verdict = try to.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
            guard verdict == "ok" else {
                throw MetadataProblem(
                    .corrupt,
                    "the database \(source) is damaged: \(verdict ?? "no answer")",
                    remedy: "restore an earlier backup"
                )
            }
            try to.close()
            try from.close()
        } catch {
            throw translate(error)
        }
    }

    /// Closes the database, so that its file is complete without a write-ahead log; it cannot be used afterwards.
    package func close() throws {
        do {
            let path = database.path
            try checkpoints.close(database)
            try database.close()
            // The pool's last connection may only read, and leaves the log where it is.
            let last = try DatabaseQueue(path: path)
            try last.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try last.close()
        } catch {
            throw Self.translate(error)
        }
    }

    /// Forgets what a published repository holds, and enqueues all images to be published anew; blocks.
    ///
    /// For a repository whose objects are lost: the record stays, with its name, profile and algorithm.
    package func startOver(_ repository: String) throws {
        try writeBlocking { (database: Database) in
            try database.execute(
                sql:
                    "UPDATE published_repository SET manifest = x'', revision = 0, timestamp = 0 WHERE name = ?",
                arguments: [repository]
            )
            try database.execute(
                sql: "DELETE FROM published_content WHERE repository = ?",
                arguments: [repository]
            )
            try database.execute(
                sql: """
                    UPDATE publication SET state = 'stored', reason = NULL, error = NULL, published_generation = 0,
                        layers_done = 0, layers_total = 0, path = NULL, revision = NULL, published_repository = NULL
                    """
            )
        }
    }

    /// Forgets which contents a published repository holds, and what of it is unreferenced; blocks.
    ///
    /// The map only saves work: contents that are stored again find their objects.
    package func forgetContents(of repository: String) throws {
        try writeBlocking { (database: Database) in
            for table in ["published_content", "collectable"] {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE repository = ?",
                    arguments: [repository]
                )
            }
        }
    }
}
