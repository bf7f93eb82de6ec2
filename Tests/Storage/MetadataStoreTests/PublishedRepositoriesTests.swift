// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import MetadataStore
import MetadataStoreSQLite
import RepositoryFixtures
import Testing

/// The contract of published repositories and content maps, for the twin and for SQLite.
@Suite struct PublishedRepositoriesTests {
    enum Driver: String, CaseIterable { case memory, sqlite }

    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func make(_ driver: Driver) throws -> any PublishedRepositories & ContentMap {
        switch driver {
        case .memory: MemoryPublishedRepositories()
        case .sqlite: try SQLiteMetadataStore(path: scratch.path + "/wharf.db")
        }
    }

    private func record(_ name: String) -> PublishedRepositoryRecord {
        PublishedRepositoryRecord(
            name: name,
            profile: "fast",
            algorithm: .shake128,
            manifest: [],
            revision: 0,
            timestamp: 0
        )
    }

    @Test("a repository is created once, and found by its name", arguments: Driver.allCases)
    func creation(driver: Driver) throws {
        let store = try make(driver)
        try store.create(record("b.example.org"))
        var other = record("b.example.org")
        other.profile = "compact"
        try store.create(other)
        try store.create(record("a.example.org"))
        #expect(try store.record(of: "b.example.org") == record("b.example.org"))
        #expect(try store.record(of: "c.example.org") == nil)
        #expect(try store.repositoryNames() == ["a.example.org", "b.example.org"])
    }

    @Test("a manifest is swapped by the newest writer only, and only forward", arguments: Driver.allCases)
    func swapping(driver: Driver) throws {
        let store = try make(driver)
        let name = "a.example.org"
        try store.create(record(name))
        func swap(_ token: Int64, _ revision: UInt64) throws -> Bool {
            try store.swapManifest(
                of: name,
                token: token,
                manifest: [UInt8(revision)],
                revision: revision,
                timestamp: Int64(revision) * 10
            )
        }
        let first = try store.acquireWriter(of: name)
        #expect(try swap(first, 1))
        #expect(try !swap(first, 1))
        let second = try store.acquireWriter(of: name)
        #expect(second > first)
        #expect(try !swap(first, 2))
        #expect(try store.record(of: name)?.revision == 1)
        #expect(try swap(second, 5))
        #expect(try !swap(second, 4))
        let now = try #require(try store.record(of: name))
        #expect(now.revision == 5 && now.manifest == [5] && now.timestamp == 50)
        #expect(now.profile == "fast" && now.algorithm == .shake128)
    }

    @Test("an unknown repository has no manifest to swap", arguments: Driver.allCases)
    func unknown(driver: Driver) throws {
        let store = try make(driver)
        let token = try store.acquireWriter(of: "none.example.org")
        #expect(
            try !store.swapManifest(
                of: "none.example.org",
                token: token,
                manifest: [1],
                revision: 1,
                timestamp: 1
            )
        )
    }

    @Test(
        "a content is known in its repository, as file or as chunk, and both ways",
        arguments: Driver.allCases
    )
    func contents(driver: Driver) throws {
        let store = try make(driver)
        let digest = IncrementalDigest.digest(.sha256, of: [1])
        let file = ContentKey(sha256: digest, isChunk: false)
        let chunk = ContentKey(sha256: digest, isChunk: true)
        let object = ContentHash(.rmd160, of: [1])
        let stored = ContentObject(object, isPlain: true)
        try store.record([(file, stored)], in: "a")
        #expect(try store.object(for: file, in: "a") == stored)
        #expect(try store.object(for: chunk, in: "a") == nil)
        #expect(try store.object(for: file, in: "b") == nil)
        #expect(try store.content(of: object, isChunk: false, in: "a") == digest)
        #expect(try store.content(of: object, isChunk: true, in: "a") == nil)
        #expect(try store.content(of: ContentHash(.sha1, of: [1]), isChunk: false, in: "a") == nil)
        try store.record([(file, ContentObject(object)), (chunk, ContentObject(object))], in: "a")
        #expect(try store.object(for: chunk, in: "a") == ContentObject(object))
        // What was known before stays as it was recorded.
        #expect(try store.object(for: file, in: "a") == stored)
    }
}
