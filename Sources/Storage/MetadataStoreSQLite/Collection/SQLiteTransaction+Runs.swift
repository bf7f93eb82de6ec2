// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
internal import MetadataStore

extension SQLiteTransaction: CollectionRows {
    /// So many runs are kept.
    private static let runLimit = 1000

    func beginRun(_ run: CollectionRun) throws -> Int64 {
        try execute(
            "INSERT INTO collection_run (subject, outcome, description) VALUES (?, ?, ?)",
            [run.subject, run.outcome.rawValue, Self.text(run)]
        )
        let id = database.lastInsertedRowID
        try execute("DELETE FROM collection_run WHERE id <= ?", [id - Int64(Self.runLimit)])
        return id
    }

    func updateRun(_ run: CollectionRun) throws {
        try execute(
            "UPDATE collection_run SET outcome = ?, description = ? WHERE id = ?",
            [run.outcome.rawValue, Self.text(run), run.id]
        )
    }

    func runs(limit: Int) throws -> [CollectionRun] {
        try runs("SELECT id, outcome, description FROM collection_run ORDER BY id DESC LIMIT ?", [limit])
    }

    func closeInterruptedRuns() throws {
        let open = "SELECT id, outcome, description FROM collection_run WHERE outcome = ?"
        for var run in try runs(open, [CollectionRun.Outcome.running.rawValue]) {
            run.outcome = .interrupted
            try updateRun(run)
        }
    }

    private func runs(_ sql: String, _ arguments: StatementArguments) throws -> [CollectionRun] {
        try Row.fetchAll(statement(sql), arguments: arguments).map { row in
            let text: String = row[2]
            var run = try JSONDecoder().decode(CollectionRun.self, from: Data(text.utf8))
            run.id = row[0]
            return run
        }
    }

    private static func text(_ run: CollectionRun) throws -> String {
        String(decoding: try JSONEncoder().encode(run), as: UTF8.self)
    }
}
