// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import GRDB
internal import Synchronization

/// Copies the write-ahead log into the database beside the writer, instead of within one of its commits.
///
/// SQLite copies the log in the commit that makes it longer than a thousand pages, whoever it belongs to: one push in a few
/// hundred then waits for all that a collection has changed. A connection of its own may copy while others write (SQLite,
/// "Write-Ahead Logging", section 2.1). The log begins anew once all of it is copied and nobody reads it.
final class LogCheckpoints: TransactionObserver, Sendable {
    /// The log grows for this long between two copies.
    private static let interval = DispatchTimeInterval.milliseconds(500)
    /// A writer copies by itself when the log has so many pages: 64 MiB.
    ///
    /// Longer than that it becomes only while readers never rest, as with SQLite's own copying.
    private static let longestLog = 16_384
    /// Each further pass copies only what was written during the one before.
    private static let passes = 4

    private let connection: DatabaseQueue
    private let lane = DispatchQueue(label: "wharf.db log", qos: .utility)
    private let isDue = Mutex(false)

    /// Takes the copying over from the writer of a database, until `close`.
    static func attach(to database: DatabasePool) throws -> LogCheckpoints {
        var configuration = Configuration()
        configuration.label = "wharf.db log"
        configuration.busyMode = .timeout(10)
        let checkpoints = LogCheckpoints(
            connection: try DatabaseQueue(path: database.path, configuration: configuration)
        )
        try database.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA wal_autocheckpoint = \(longestLog)")
        }
        database.add(transactionObserver: checkpoints, extent: .databaseLifetime)
        return checkpoints
    }

    /// Ends copying: nobody else has the database open then.
    func close(_ database: DatabasePool) throws {
        database.remove(transactionObserver: self)
        try lane.sync { try connection.close() }
    }

    private init(connection: DatabaseQueue) {
        self.connection = connection
    }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidRollback(_ db: Database) {}

    func databaseDidCommit(_ db: Database) {
        let isFirst = isDue.withLock { isDue in
            defer { isDue = true }
            return !isDue
        }
        guard isFirst else { return }
        lane.asyncAfter(deadline: .now() + Self.interval) { [weak self] in self?.copy() }
    }

    private func copy() {
        isDue.withLock { $0 = false }
        // What fails now is copied with what comes next, or by the writer.
        try? connection.writeWithoutTransaction { database in
            for _ in 0..<Self.passes {
                let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(PASSIVE)")
                let (isBusy, pages, copied): (Bool, Int, Int) = (row?[0] ?? true, row?[1] ?? 0, row?[2] ?? 0)
                guard !isBusy, copied < pages else { return }
            }
        }
    }
}
