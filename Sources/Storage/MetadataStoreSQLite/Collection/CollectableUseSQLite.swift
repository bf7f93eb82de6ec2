// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
package import MetadataStore
internal import Synchronization

/// The contents that were found although nothing refers to them, and whose graces are yet to begin anew.
///
/// An image whose tree was removed lately may find a hundred thousand of them: they are renewed a few hundred in a
/// transaction, and whoever found them asks at the end whether all were in time.
final class PendingRenewals: Sendable {
    private struct Repository {
        var names: Set<CollectableName> = []
        var losses = 0
    }

    private static let batch = 512

    private let state = Mutex<[String: Repository]>([:])

    func add(_ name: CollectableName, in repository: String, through store: SQLiteMetadataStore) throws {
        let isFull = state.withLock { state in
            state[repository, default: Repository()].names.insert(name)
            return state[repository]?.names.count ?? 0 >= Self.batch
        }
        if isFull { try flush(repository, through: store) }
    }

    /// Renews what waits, and returns how many were lost so far.
    @discardableResult
    func flush(_ repository: String, through store: SQLiteMetadataStore) throws -> Int {
        let names = state.withLock { state in
            let names = state[repository]?.names ?? []
            state[repository]?.names = []
            return names
        }
        do {
            let lost = names.isEmpty ? 0 : try store.renew(names, in: repository)
            return state.withLock { state in
                state[repository, default: Repository()].losses += lost
                return state[repository]?.losses ?? 0
            }
        } catch {
            // They still wait; whoever found them will ask again.
            state.withLock { $0[repository, default: Repository()].names.formUnion(names) }
            throw error
        }
    }
}

extension SQLiteMetadataStore {
    package func hit(_ name: CollectableName, in repository: String) throws -> Bool {
        guard let isCondemned = try condemnation(of: name, in: repository) else { return true }
        guard !isCondemned else { return false }
        return try renew([name], in: repository) == 0
    }

    package func hold(_ name: CollectableName, in repository: String) throws {
        guard try condemnation(of: name, in: repository) != nil else { return }
        let now = collectionClock.now().millisecondsSince1970
        let key = StatementArguments([repository]) + [name.kind, Data(name.bytes)]
        try writeBlocking { (database: Database) in
            try database.execute(
                sql: """
                    DELETE FROM published_content WHERE repository = ? AND is_chunk = ? AND object = ?
                    AND algorithm = ? AND EXISTS (
                        SELECT 1 FROM collectable WHERE collectable.repository = published_content.repository
                        AND kind = algorithm * 256 + is_chunk AND name = object AND condemned <> 0
                    )
                    """,
                arguments: [repository, name.kind % 256, Data(name.bytes), name.kind / 256]
            )
            try database.execute(
                sql:
                    "DELETE FROM collectable WHERE repository = ? AND kind = ? AND name = ? AND condemned <> 0",
                arguments: key
            )
            try database.execute(
                sql: "UPDATE collectable SET unreferenced = ? WHERE repository = ? AND kind = ? AND name = ?",
                arguments: [now] + key
            )
        }
    }

    package func losses(in repository: String) throws -> Int {
        try renewals.flush(repository, through: self)
    }

    /// Whether something is condemned; `nil` for what is live.
    private func condemnation(of name: CollectableName, in repository: String) throws -> Bool? {
        try lookUpBlocking { (database: Database) in
            let statement = try database.cachedStatement(
                sql: "SELECT condemned <> 0 FROM collectable WHERE repository = ? AND kind = ? AND name = ?"
            )
            return try Bool.fetchOne(statement, arguments: [repository, name.kind, Data(name.bytes)])
        }
    }

    /// Lets graces begin anew, and returns how many of the names are condemned or gone.
    fileprivate func renew(_ names: Set<CollectableName>, in repository: String) throws -> Int {
        let now = collectionClock.now().millisecondsSince1970
        return try writeBlocking { (database: Database) in
            let update = try database.cachedStatement(
                sql: """
                    UPDATE collectable SET unreferenced = ?
                    WHERE repository = ? AND kind = ? AND name = ? AND condemned = 0
                    """
            )
            let isCondemned = try database.cachedStatement(
                sql: "SELECT 1 FROM collectable WHERE repository = ? AND kind = ? AND name = ?"
            )
            let isMapped = try database.cachedStatement(
                sql: """
                    SELECT 1 FROM published_content
                    WHERE repository = ? AND is_chunk = ? AND object = ? AND algorithm = ?
                    """
            )
            var lost = 0
            for name in names {
                let bytes = Data(name.bytes)
                try update.execute(arguments: [now, repository, name.kind, bytes])
                guard database.changesCount == 0 else { continue }
                if try Bool.fetchOne(isCondemned, arguments: [repository, name.kind, bytes]) != nil {
                    lost += 1
                } else if name.kind >= 0 {
                    // A mark has found it referenced, or it is gone together with its content's row.
                    let key: StatementArguments = [repository, name.kind % 256, bytes, name.kind / 256]
                    if try Bool.fetchOne(isMapped, arguments: key) == nil { lost += 1 }
                }
            }
            return lost
        }
    }
}
