// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
package import MetadataStore

extension SQLiteMetadataStore: Collectables {
    package func unreferenced(_ kind: Int, beginning first: UInt8?, in repository: String) throws
        -> [CollectableRecord]
    {
        try readBlocking { (database: Database) in
            // A blob that is a prefix of another is the lesser one.
            let low = first.map { Data([$0]) } ?? Data()
            let high = first.flatMap { $0 < .max ? Data([$0 + 1]) : nil }
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT kind, name, unreferenced, condemned <> 0 FROM collectable
                    WHERE repository = ? AND kind = ? AND name >= ? AND (? IS NULL OR name < ?)
                    """,
                arguments: [repository, kind, low, high, high]
            ).map { Self.collectable($0) }
        }
    }

    package func noteUnreferenced(_ names: [CollectableName], in repository: String) throws {
        let now = collectionClock.now().millisecondsSince1970
        try change(
            names,
            """
            INSERT INTO collectable (repository, kind, name, unreferenced) VALUES (?2, ?3, ?4, ?1)
            ON CONFLICT DO NOTHING
            """,
            now,
            in: repository
        )
    }

    package func noteReferenced(_ names: [CollectableName], in repository: String) throws {
        try change(
            names,
            "DELETE FROM collectable WHERE repository = ?2 AND kind = ?3 AND name = ?4 AND ?1 = 0",
            0,
            in: repository
        )
    }

    package func condemn(_ names: [CollectableName], deadline: Timestamp, in repository: String) throws {
        try change(
            names,
            """
            UPDATE collectable SET condemned = 1
            WHERE repository = ?2 AND kind = ?3 AND name = ?4 AND unreferenced <= ?1
            """,
            deadline.millisecondsSince1970,
            in: repository
        )
    }

    package func condemned(in repository: String, limit: Int) throws -> [CollectableRecord] {
        try readBlocking { (database: Database) in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT kind, name, unreferenced, condemned <> 0 FROM collectable
                    WHERE repository = ? AND condemned <> 0 LIMIT ?
                    """,
                arguments: [repository, limit]
            ).map { Self.collectable($0) }
        }
    }

    package func remove(
        _ names: [CollectableName],
        in repository: String,
        _ removal: (CollectableName) throws -> Void
    ) throws -> [CollectableName] {
        try writeBlocking { (database: Database) in
            let forget = try database.cachedStatement(
                sql:
                    "DELETE FROM collectable WHERE repository = ? AND kind = ? AND name = ? AND condemned <> 0"
            )
            let unmap = try database.cachedStatement(
                sql: """
                    DELETE FROM published_content
                    WHERE repository = ? AND is_chunk = ? AND object = ? AND algorithm = ?
                    """
            )
            return try names.filter { name in
                let bytes = Data(name.bytes)
                try forget.execute(arguments: [repository, name.kind, bytes])
                guard database.changesCount > 0 else { return false }
                if name.kind >= 0 {
                    try unmap.execute(arguments: [repository, name.kind % 256, bytes, name.kind / 256])
                }
                try removal(name)
                return true
            }
        }
    }

    /// Runs a statement for each name, a few hundred in a transaction.
    private func change(
        _ names: [CollectableName],
        _ sql: String,
        _ value: Int64,
        in repository: String
    ) throws {
        for start in stride(from: 0, to: names.count, by: Self.changeBatch) {
            try writeBlocking { (database: Database) in
                let statement = try database.cachedStatement(sql: sql)
                for name in names[start...].prefix(Self.changeBatch) {
                    try statement.execute(arguments: [value, repository, name.kind, Data(name.bytes)])
                }
            }
        }
    }

    private static let changeBatch = 200

    private static func collectable(_ row: Row) -> CollectableRecord {
        let bytes: Data = row[1]
        return CollectableRecord(
            name: CollectableName(kind: row[0], bytes: [UInt8](bytes)),
            since: Timestamp(millisecondsSince1970: row[2]),
            isCondemned: row[3]
        )
    }
}
