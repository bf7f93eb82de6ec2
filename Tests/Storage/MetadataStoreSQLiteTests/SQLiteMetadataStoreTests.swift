// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import GRDB
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import TestSupport
import Testing

@Suite struct SQLiteMetadataStoreTests {
    private static let now = Timestamp(millisecondsSince1970: 1_000)
    private static let name = RepositoryName("team/app")
    private static let tag = TagName("1")
    private static let digest = OCIDigest(of: [1])

    private func withStore(_ body: (SQLiteMetadataStore, RepositoryName, TagName) async throws -> Void)
        async throws
    {
        try await TestScope.run { scope in
            let store = try SQLiteMetadataStore(path: scope.path("wharf.db"))
            try await body(store, try #require(Self.name), try #require(Self.tag))
        }
    }

    private func setTag(_ store: SQLiteMetadataStore, _ name: RepositoryName, _ tag: TagName, _ byte: UInt8)
        async throws
    {
        try await store.write { transaction in
            let repository = try transaction.makeRepository(named: name, at: Self.now)
            try transaction.setTag(tag, to: OCIDigest(of: [byte]), in: repository, at: Self.now)
        }
    }

    @Test("nothing remains of a transaction that throws")
    func rollBack() async throws {
        struct Stop: Error {}
        try await withStore { store, name, _ in
            await #expect(throws: Stop.self) {
                try await store.write { transaction in
                    _ = try transaction.makeRepository(named: name, at: Self.now)
                    throw Stop()
                }
            }
            let found = try await store.read { try $0.repository(named: name) }
            #expect(found == nil)
        }
    }

    @Test("a blob is readable only through the repositories that it is linked to")
    func blobLinks() async throws {
        try await withStore { store, name, _ in
            try await store.write { transaction in
                let first = try transaction.makeRepository(named: name, at: Self.now)
                let second = try transaction.makeRepository(
                    named: try #require(RepositoryName("b")),
                    at: Self.now
                )
                try transaction.linkBlob(Self.digest, size: 5, to: first, at: Self.now)
                try transaction.linkBlob(Self.digest, size: 5, to: first, at: Self.now)
                #expect(try transaction.blobSize(Self.digest, in: first) == 5)
                #expect(try transaction.blobSize(Self.digest, in: second) == nil)
                #expect(try transaction.repositories(having: Self.digest, limit: 9).count == 1)
                #expect(try transaction.unlinkBlob(Self.digest, from: first))
                #expect(try !transaction.unlinkBlob(Self.digest, from: first))
                #expect(try transaction.repositories(having: Self.digest, limit: 9).isEmpty)
            }
        }
    }

    @Test("names and tags are listed in byte order, after the last one")
    func listing() async throws {
        try await withStore { store, name, _ in
            for text in ["b", "B", "a", "_", "10", "9"] {
                try await setTag(store, name, try #require(TagName(text)), 1)
            }
            let tags = try await store.read { transaction in
                let repository = try #require(try transaction.repository(named: name))
                return try transaction.tags(in: repository, after: "9", limit: 3).map(\.description)
            }
            #expect(tags == ["B", "_", "a"])
        }
    }

    @Test("every change of a tag enqueues its publication, and only a change does")
    func publications() async throws {
        try await withStore { store, name, tag in
            try await setTag(store, name, tag, 1)
            try await setTag(store, name, tag, 1)
            var pending = try await store.pendingPublications(limit: 10)
            #expect(pending.map(\.generation) == [1])
            #expect(pending.map(\.state) == [.stored])
            try await setTag(store, name, tag, 2)
            pending = try await store.pendingPublications(limit: 10)
            #expect(pending.map(\.generation) == [2])
            #expect(pending.map(\.digest) == [OCIDigest(of: [2])])

            var done = pending[0]
            done.state = .published
            done.revision = 7
            done.path = "x/team/app:1"
            done.publishedRepository = "unpacked.wharf.internal"
            done.warnings = [PublicationWarning(kind: "xattr", path: "a\"b")]
            try await store.finish([done])
            #expect(try await store.pendingPublications(limit: 10).isEmpty)
            let known = try #require(try await store.publication(of: name, tag: tag))
            #expect(known.publishedGeneration == 2)
            #expect(known.revision == 7)
            #expect(known.warnings == done.warnings)
        }
    }

    @Test("an outcome that comes after the tag has moved on is ignored")
    func staleOutcome() async throws {
        try await withStore { store, name, tag in
            try await setTag(store, name, tag, 1)
            var stale = try #require(try await store.pendingPublications(limit: 1).first)
            try await setTag(store, name, tag, 2)
            stale.state = .failed
            try await store.finish([stale])
            try await store.updateProgress(
                repository: name,
                tag: tag,
                generation: 1,
                state: .ingesting,
                layersDone: 1,
                layersTotal: 2
            )
            let now = try #require(try await store.publication(of: name, tag: tag))
            #expect(now.state == .stored)
            #expect(now.layersTotal == 0)
        }
    }

    @Test("a deleted tag stays known until its removal is published")
    func deletion() async throws {
        try await withStore { store, name, tag in
            try await setTag(store, name, tag, 1)
            try await store.write { transaction in
                let repository = try #require(try transaction.repository(named: name))
                #expect(try transaction.deleteTag(tag, in: repository, at: Self.now))
            }
            var removal = try #require(try await store.pendingPublications(limit: 1).first)
            #expect(removal.digest == nil)
            removal.state = .published
            try await store.finish([removal])
            #expect(try await store.publications().isEmpty)
        }
    }

    @Test("a failed publication waits for the next change of its tag")
    func failure() async throws {
        try await withStore { store, name, tag in
            try await setTag(store, name, tag, 1)
            var record = try #require(try await store.pendingPublications(limit: 1).first)
            record.state = .failed
            record.error = "no"
            try await store.finish([record])
            #expect(try await store.pendingPublications(limit: 1).isEmpty)
            try await setTag(store, name, tag, 2)
            let again = try #require(try await store.pendingPublications(limit: 1).first)
            #expect(again.error == nil)
        }
    }

    @Test("pushing an image again whose publication failed tries again")
    func retry() async throws {
        try await withStore { store, name, tag in
            try await setTag(store, name, tag, 1)
            var record = try #require(try await store.pendingPublications(limit: 1).first)
            record.state = .failed
            try await store.finish([record])
            try await setTag(store, name, tag, 1)
            var again = try #require(try await store.pendingPublications(limit: 1).first)
            again.state = .published
            try await store.finish([again])
            try await setTag(store, name, tag, 1)
            #expect(try await store.pendingPublications(limit: 1).isEmpty)
        }
    }

    @Test("a commit that enqueues something wakes the publisher")
    func signal() async throws {
        try await withStore { store, name, tag in
            var signals = store.publicationSignal.listen().makeAsyncIterator()
            try await setTag(store, name, tag, 1)
            #expect(await signals.next() != nil)
        }
    }

    @Test("threads that may block have their own calls")
    func blocking() async throws {
        try await withStore { store, _, _ in
            try store.writeBlocking { (transaction: any MetadataTransaction) in
                try transaction.setSetting("a", to: "b")
            }
            let value = try store.readBlocking { (database: Database) in
                try String.fetchOne(database, sql: "SELECT value FROM setting WHERE key = 'a'")
            }
            #expect(value == "b")
        }
    }

    @Test("what was written is there after the store is opened again")
    func reopening() async throws {
        try await TestScope.run { scope in
            let path = scope.path("wharf.db")
            try await SQLiteMetadataStore(path: path).write { try $0.setSetting("a", to: "b") }
            let value = try await SQLiteMetadataStore(path: path).read { try $0.setting("a") }
            #expect(value == "b")
        }
    }

    @Test("a database of a newer Wharf is refused")
    func newerDatabase() async throws {
        try await TestScope.run { scope in
            let path = scope.path("wharf.db")
            try SQLiteMetadataStore(path: path).writeBlocking { (database: Database) in
                try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('v9999-from-the-future')")
            }
            let problem = #expect(throws: MetadataProblem.self) { try SQLiteMetadataStore(path: path) }
            #expect(problem?.code == .tooNew)
            #expect(problem?.message.contains("v9999-from-the-future") == true)
        }
    }

    @Test("a file that is no database is refused")
    func noDatabase() async throws {
        try await TestScope.run { scope in
            let path = try scope.write(Array(repeating: 7, count: 10_000), to: "wharf.db")
            #expect(throws: MetadataProblem.self) { try SQLiteMetadataStore(path: path) }
        }
    }

    @Test("a write after one that is not synced is synced, whether that one went well or not")
    func syncsAgain() async throws {
        struct Stop: Error {}
        try await withStore { store, name, _ in
            try Self.unsynced(store) { _ = try $0.makeRepository(named: name, at: Self.now) }
            #expect(throws: Stop.self) { try Self.unsynced(store) { _ in throw Stop() } }
            let (level, count) = try await store.writeDatabase { database in
                (
                    try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                    try Int.fetchOne(database, sql: "SELECT count(*) FROM repository")
                )
            }
            #expect(level == 2)
            #expect(count == 1)
        }
    }

    /// Blocks, as a thread of the collection may.
    private static func unsynced(
        _ store: SQLiteMetadataStore,
        _ body: (any MetadataTransaction) throws -> Void
    ) throws { try store.writeBlockingUnsynced(body) }

    @Test("the log is copied into the database without another write")
    func copiesTheLog() async throws {
        try await TestScope.run { scope in
            let path = scope.path("wharf.db")
            let store = try SQLiteMetadataStore(path: path)
            let fill = { @Sendable (database: Database) in
                try database.execute(sql: "CREATE TABLE IF NOT EXISTS bulk (bytes BLOB)")
                try database.execute(sql: "INSERT INTO bulk VALUES (zeroblob(3000000))")
            }
            try await store.writeDatabase(fill)
            // The copy is another thread's, which says nothing when it is done.
            let deadline = ContinuousClock.now + .seconds(60)
            while try Self.size(path) < 3_000_000, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try Self.size(path) >= 3_000_000)
        }
    }

    @Test("a store that is closed leaves one complete file, and none of its connections")
    func closes() async throws {
        try await TestScope.run { scope in
            let path = scope.path("wharf.db")
            let store = try SQLiteMetadataStore(path: path)
            // A copy of the log may be due, or under way.
            try await store.writeDatabase { try $0.execute(sql: "CREATE TABLE bulk (bytes BLOB)") }
            try store.close()
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
            let copy = try DatabaseQueue(path: path)
            #expect(try await copy.read { try $0.tableExists("bulk") })
        }
    }

    private static func size(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }
}
