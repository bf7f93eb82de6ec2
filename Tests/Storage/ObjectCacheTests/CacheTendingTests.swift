// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import ObjectCache
import RepositoryFixtures
import Testing

@Suite("a cache that is tended while it is used")
struct CacheTendingTests {
    let fixture: CacheFixture

    init() throws { fixture = try CacheFixture() }

    @Test("a limit that is lowered holds at once, and for what comes")
    func limit() throws {
        let cache = try fixture.cache(limit: 1000)
        for number in 0..<9 {
            try CacheFixture.add("\(number)" + String(repeating: "x", count: 99), to: cache)
        }
        #expect(cache.totalSize == 900)
        cache.setLimit(inBytes: 400)
        #expect(cache.limitInBytes == 400 && cache.totalSize == 300)
        for number in 10..<20 {
            try CacheFixture.add("\(number)" + String(repeating: "x", count: 98), to: cache)
            #expect(cache.totalSize <= 400)
        }
        cache.setLimit(inBytes: 1000)
        #expect(cache.totalSize > 0)
    }

    @Test("single objects go unless they are open or pinned")
    func single() throws {
        let cache = try fixture.cache()
        for text in ["open", "pinned", "idle", "other"] { try CacheFixture.add(text, to: cache) }
        let open = try cache.open(CacheFixture.name("open"))
        try cache.pin([CacheFixture.name("pinned")], as: "repository /path")
        let names = ["open", "pinned", "idle", "absent"].map { CacheFixture.name($0) }
        let eviction = cache.evict(names)
        #expect(eviction.objectCount == 1 && eviction.byteCount == 4 && eviction.sparedCount == 2)
        #expect(try cache.open(CacheFixture.name("idle")) == nil)
        for text in ["open", "pinned", "other"] {
            #expect(try CacheFixture.text(cache.open(CacheFixture.name(text))) == text)
        }
        #expect(open != nil)
    }

    @Test("the store above tends, and nobody tends a directory of others")
    func stores() throws {
        let cache = try fixture.cache()
        let alien = try AlienCache(directory: fixture.scratch.path + "/alien", access: .readWrite) { _ in }
        #expect(alien.tended == nil)
        #expect(StreamingCache(keepingMetadataIn: cache).tended === cache)
        #expect(TieredCache(upper: cache, lower: alien, writesLower: true).tended === cache)
        #expect(TieredCache(upper: alien, lower: cache, writesLower: true).tended == nil)
    }
}
