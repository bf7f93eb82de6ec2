// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import GRDB

/// Below the port: the database itself, for further aggregates in the same file.
extension SQLiteMetadataStore {
    /// Runs a reading transaction on the database itself and blocks until it is done.
    ///
    /// Never call it from a task.
    package func readBlocking<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.read(body)
        } catch {
            throw Self.translate(error)
        }
    }

    /// Runs a single statement and blocks until it is done, without the cost of a transaction around it.
    ///
    /// For look-ups by the hundred thousand. Never call it from a task.
    package func lookUpBlocking<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.unsafeRead(body)
        } catch {
            throw Self.translate(error)
        }
    }

    /// Runs a writing transaction on the database itself and blocks until it is done.
    ///
    /// Never call it from a task.
    package func writeBlocking<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.write(body)
        } catch {
            throw Self.translate(error)
        }
    }

    /// Runs a writing transaction that is synced with the next one that is, and blocks until it is done.
    func writeUnsynced<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.writeWithoutTransaction { database in
                // SQLite changes it between transactions only.
                try Self.sync(database, .checkpoints)
                // It fails only where the database cannot be read any more, and then so does the next write.
                defer { try? Self.sync(database, .everyCommit) }
                var value: Value?
                try database.inTransaction {
                    value = try body(database)
                    return .commit
                }
                guard let value else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
                return value
            }
        } catch {
            throw Self.translate(error)
        }
    }

    /// What waits for the disk.
    enum Syncing: String {
        case everyCommit = "FULL"
        case checkpoints = "NORMAL"
    }

    static func sync(_ database: Database, _ syncing: Syncing) throws {
        try database.execute(sql: "PRAGMA synchronous = \(syncing.rawValue)")
    }

    /// Runs a reading transaction on the database itself.
    package func readDatabase<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await translated { try await database.read(body) }
    }

    /// Runs a writing transaction on the database itself.
    package func writeDatabase<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await translated { try await database.write(body) }
    }
}
