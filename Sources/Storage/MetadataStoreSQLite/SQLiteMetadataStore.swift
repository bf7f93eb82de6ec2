// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import Glibc
package import MetadataStore

/// The metadata in one SQLite file, `wharf.db`, in write-ahead mode.
///
/// Readers run beside the one writer. A commit is synced to the disk before it is acknowledged.
package final class SQLiteMetadataStore: MetadataStore {
    let database: DatabasePool
    let checkpoints: LogCheckpoints

    package let publicationSignal = PublicationSignal()
    package let collectionClock: CollectionClock
    let renewals = PendingRenewals()

    /// Raised after each swap of a manifest of record that this process made.
    package let manifestSignal = PublicationSignal()

    /// Opens the database, makes it if it is new, and brings its schema up to date.
    ///
    /// Blocks.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - clocks: what the clock of graces looks at.
    /// - Throws: `tooNew` if a newer Wharf has written it; `unusable` if it cannot be opened.
    package init(path: String, clocks: CollectionClock.Sources = .system) throws(MetadataProblem) {
        // It holds the hashes of passwords and the keys of tokens. SQLite gives the files beside it the same mode.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if file >= 0 {
            fchmod(file, 0o600)
            Glibc.close(file)
        }
        do {
            database = try DatabasePool(path: path, configuration: Self.configuration)
            // In write-ahead mode NORMAL may lose the last commits when the machine crashes; a push that was acknowledged
            // must not be lost. The pool sets NORMAL when it opens, after it has called what prepares its connections.
            try database.writeWithoutTransaction { try Self.sync($0, .everyCommit) }
            try Migrations.apply(to: database, path: path)
            checkpoints = try LogCheckpoints.attach(to: database)
            let kept = try database.read { try SQLiteTransaction(database: $0).keptCollectionClock() }
            collectionClock = CollectionClock(kept: kept, sources: clocks)
        } catch {
            throw error as? MetadataProblem
                ?? MetadataProblem(
                    .unusable,
                    "cannot open the database \(path)",
                    remedy: "check its permissions and the disk, or restore a backup",
                    cause: error
                )
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any MetadataTransaction) throws -> Value
    ) async throws -> Value {
        try await translated { try await database.read { try body(SQLiteTransaction(database: $0)) } }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any MetadataTransaction) throws -> Value
    ) async throws -> Value {
        announced(
            try await translated {
                try await database.write { try Self.run(body, SQLiteTransaction(database: $0)) }
            }
        )
    }

    package func readBlocking<Value>(_ body: (any MetadataTransaction) throws -> Value) throws -> Value {
        try readBlocking { (database: Database) in try body(SQLiteTransaction(database: database)) }
    }

    package func writeBlocking<Value>(_ body: (any MetadataTransaction) throws -> Value) throws -> Value {
        announced(
            try writeBlocking { (database: Database) in
                try Self.run(body, SQLiteTransaction(database: database))
            }
        )
    }

    package func writeBlockingUnsynced<Value>(_ body: (any MetadataTransaction) throws -> Value) throws
        -> Value
    {
        announced(try writeUnsynced { try Self.run(body, SQLiteTransaction(database: $0)) })
    }

    private static func run<Value>(
        _ body: (any MetadataTransaction) throws -> Value,
        _ transaction: SQLiteTransaction
    ) throws -> (value: Value, enqueued: Bool) {
        (try body(transaction), transaction.hasEnqueued)
    }

    private func announced<Value>(_ result: (value: Value, enqueued: Bool)) -> Value {
        if result.enqueued { publicationSignal.raise() }
        return result.value
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "wharf.db"
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(10)
        return configuration
    }

    func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            throw Self.translate(error)
        }
    }

    static func translate(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        switch error.resultCode {
        case .SQLITE_FULL:
            return MetadataProblem(
                .outOfSpace,
                "the database cannot grow",
                remedy: "free some disk space",
                cause: error
            )
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return MetadataProblem(
                .corrupt,
                "the database is damaged",
                remedy: "restore a backup",
                cause: error
            )
        default:
            return MetadataProblem(.failed, "the database failed", cause: error)
        }
    }
}
