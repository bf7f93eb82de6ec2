// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import ObjectCache
import RepositoryFixtures
import Testing

@Suite("alien, tiered, streaming and memory caches")
struct OtherStoresTests {
    let fixture: CacheFixture
    private var shared: String { fixture.scratch.path + "/shared" }

    init() throws { fixture = try CacheFixture() }

    private func alien(_ access: AlienCache.Access = .readWrite) throws -> AlienCache {
        try AlienCache(directory: shared, access: access, report: { _ in })
    }

    private func mode(_ path: String) throws -> Int {
        try #require(
            FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        ).intValue
    }

    @Test("an alien cache has the stock names and modes, and nothing else in it")
    func layout() throws {
        let cache = try alien()
        try CacheFixture.add("a", to: cache)
        let digits = CacheFixture.name("a").digits
        let path = "\(shared)/\(digits.prefix(2))/\(digits.dropFirst(2))"
        #expect(try mode(path) == 0o660)
        #expect(try mode((path as NSString).deletingLastPathComponent) == 0o770)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shared).count == 257)
        #expect(try CacheFixture.text(try alien().open(CacheFixture.name("a"))) == "a")
    }

    @Test("what another client put there is read; a labelled file with other bytes is not")
    func foreignFiles() throws {
        let cache = try alien()
        let (foreign, ours) = (CacheFixture.name("foreign"), CacheFixture.name("ours"))
        let place = { (name: ContentHash) in
            URL(fileURLWithPath: "\(shared)/\(name.digits.prefix(2))/\(name.digits.dropFirst(2))")
        }
        try Data("foreign".utf8).write(to: place(foreign))
        #expect(try CacheFixture.text(try cache.open(foreign)) == "foreign")
        try CacheFixture.add("ours", to: cache)
        let handle = try FileHandle(forWritingTo: place(ours))
        try handle.write(contentsOf: Data("OURS".utf8))
        try handle.close()
        #expect(try cache.open(ours) == nil)
        #expect(!FileManager.default.fileExists(atPath: place(ours).path))
    }

    @Test("two that add the same object both get it")
    func sameObject() throws {
        let (first, second) = (try alien(), try alien())
        let (one, two) = (try first.begin(.data), try second.begin(.data))
        for transaction in [one, two] { try Array("x".utf8).withUnsafeBytes { try transaction.write($0) } }
        #expect(try CacheFixture.text(try one.commit(as: CacheFixture.name("x"))) == "x")
        #expect(try CacheFixture.text(try two.commit(as: CacheFixture.name("x"))) == "x")
        #expect(try FileManager.default.contentsOfDirectory(atPath: shared + "/txn").isEmpty)
    }

    @Test("a tier copies up what only the lower one has, and writes both unless the lower one is read-only")
    func tiers() throws {
        let lower = try alien()
        try CacheFixture.add("below", to: lower)
        let upper = try fixture.cache()
        let both = TieredCache(upper: upper, lower: lower, writesLower: true)
        #expect(try CacheFixture.text(try both.open(CacheFixture.name("below"))) == "below")
        #expect(try CacheFixture.text(try upper.open(CacheFixture.name("below"))) == "below")
        try CacheFixture.add("new", to: both)
        #expect(try lower.open(CacheFixture.name("new")) != nil)
        let careful = TieredCache(upper: upper, lower: try alien(.readOnly), writesLower: false)
        try CacheFixture.add("newer", to: careful)
        #expect(try upper.open(CacheFixture.name("newer")) != nil)
        #expect(try lower.open(CacheFixture.name("newer")) == nil)
    }

    @Test("streaming keeps metadata, and of data no more than the last few")
    func streaming() throws {
        let kept = try fixture.cache()
        let cache = StreamingCache(keepingMetadataIn: kept)
        try CacheFixture.add("catalog", to: cache, .metadata)
        let texts = (0..<100).map { "content \($0)" }
        for text in texts { #expect(try CacheFixture.text(try CacheFixture.add(text, to: cache)) == text) }
        #expect(try kept.items().map(\.content) == [.metadata])
        #expect(try cache.open(CacheFixture.name(texts[0])) == nil)
        #expect(try CacheFixture.text(try cache.open(CacheFixture.name(texts[99]))) == texts[99])
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.directory + "/txn").isEmpty)
    }

    @Test("a cache in memory is gone when it ends, and so is what a killed process left")
    func memory() throws {
        let place = try fixture.scratch.directory("memory")
        let cache = try RAMCache(in: place, limitInBytes: 1000, now: { 1 }, report: { _ in })
        #expect(try CacheFixture.text(try CacheFixture.add("a", to: cache)) == "a")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place).count == 1)
        cache.end()
        #expect(try FileManager.default.contentsOfDirectory(atPath: place).isEmpty)
        let left = "\(place)/wharf-cache.\(getuid()).1.1"
        try FileManager.default.createDirectory(
            atPath: left + "/objects/aa",
            withIntermediateDirectories: true
        )
        try Data().write(to: URL(fileURLWithPath: left + "/owner"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: left + "/objects/aa/x"))
        let next = try RAMCache(in: place, limitInBytes: 1000, now: { 1 }, report: { _ in })
        #expect(!FileManager.default.fileExists(atPath: left))
        next.end()
    }
}
