// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import ObjectCache
import RepositoryFixtures
import Testing

@Suite("bounds of the cache")
struct CacheBoundsTests {
    let fixture: CacheFixture

    init() throws { fixture = try CacheFixture() }

    private func object(_ number: Int, of size: Int = 100) -> String {
        let start = "\(number) "
        return start + String(repeating: "x", count: size - start.count)
    }

    @Test(
        "whatever is added, opened, closed, evicted and restarted: the limit holds, what is open stays, and all is right",
        arguments: [UInt64(1), 2, 3]
    )
    func model(seed: UInt64) throws {
        var state = seed
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let (limit, clock) = (Int64(4000), TestClock())
        // As two processes of one node.
        var caches = [
            try fixture.cache(limit: limit, clock: clock), try fixture.cache(limit: limit, clock: clock),
        ]
        var held: [(text: String, object: CachedObject)] = []
        for _ in 0..<1500 {
            let (text, which) = (object(random(90), of: 60 + random(200)), random(2))
            switch random(12) {
            case 0..<5:
                let added = try CacheFixture.add(text, to: caches[which], random(4) == 0 ? .metadata : .data)
                if random(6) == 0, held.count < 10 { held.append((text, added)) }
            case 5..<8:
                if let found = try caches[which].open(CacheFixture.name(text)) {
                    #expect(try CacheFixture.text(found) == text)
                    if random(3) == 0, held.count < 10 { held.append((text, found)) }
                }
            case 8..<10 where !held.isEmpty: held.remove(at: random(held.count))
            case 10: _ = caches[which].evict(to: Int64(random(4000)))
            // Killed: nothing is told to anybody.
            case 11 where random(10) == 0: caches[which] = try fixture.cache(limit: limit, clock: clock)
            default: break
            }
            for (text, object) in held { #expect(try CacheFixture.text(object) == text) }
            let onDisk = try fixture.sizesOnDisk().values.reduce(0, +)
            #expect(onDisk <= limit)
        }
        let kept = held.filter { $0.object.path == caches[0].path(of: $0.object.name) }
        for (text, _) in kept { #expect(try caches[0].open(CacheFixture.name(text)) != nil) }
        let last = try fixture.cache(limit: limit, clock: clock)
        #expect(try last.totalSize == fixture.sizesOnDisk().values.reduce(0, +))
    }

    @Test("an object that is larger than the limit is read, and not kept")
    func tooLarge() throws {
        let cache = try fixture.cache(limit: 50)
        let text = object(1)
        #expect(try CacheFixture.text(try CacheFixture.add(text, to: cache)) == text)
        #expect(try fixture.sizesOnDisk().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.directory + "/txn").isEmpty)
    }

    @Test("metadata that is not kept can be opened by its path while somebody has it")
    func passingName() throws {
        let cache = try fixture.cache(limit: 50)
        let text = object(1)
        var passing: CachedObject? = try CacheFixture.add(text, to: cache, .metadata)
        let path = try #require(passing?.path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        // Another process starts meanwhile, and sweeps.
        _ = try fixture.cache(limit: 50)
        #expect(FileManager.default.fileExists(atPath: path))
        passing = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("when everything is open, what comes is read and not kept")
    func allOpen() throws {
        let cache = try fixture.cache(limit: 1000)
        let open = try (0..<10).map { try CacheFixture.add(object($0), to: cache) }
        let more = object(11)
        #expect(try CacheFixture.text(try CacheFixture.add(more, to: cache)) == more)
        #expect(cache.totalSize == 1000)
        #expect(try cache.open(CacheFixture.name(more)) == nil)
        for (number, object) in open.enumerated() {
            #expect(try CacheFixture.text(object) == self.object(number))
        }
    }

    @Test("what another process has open is passed over")
    func otherProcess() throws {
        let (first, second) = (try fixture.cache(limit: 1000), try fixture.cache(limit: 1000))
        try CacheFixture.add(object(0), to: first)
        var held = try first.open(CacheFixture.name(object(0)))
        #expect(second.evict(to: 0).sparedCount == 1)
        #expect(try second.open(CacheFixture.name(object(0))) != nil)
        _ = held
        held = nil
        #expect(second.evict(to: 0).objectCount == 1)
        #expect(try first.open(CacheFixture.name(object(0))) == nil)
    }

    @Test("how often room was made is counted, and what freed nothing is not")
    func cleanups() throws {
        let clock = TestClock()
        let cache = try fixture.cache(limit: 1000, clock: clock)
        try CacheFixture.add(object(0), to: cache)
        _ = cache.evict(to: 0)
        _ = cache.evict(to: 0)
        let between = clock.next()
        try CacheFixture.add(object(1), to: cache)
        _ = cache.evict(to: 0)
        #expect(cache.cleanupCount(since: 0) == 2)
        #expect(cache.cleanupCount(since: between) == 1)
    }

    @Test("metadata goes after all data, and demoted objects before everything")
    func order() throws {
        let cache = try fixture.cache(limit: 1000)
        try CacheFixture.add(object(0), to: cache, .metadata)
        for number in 1..<10 { try CacheFixture.add(object(number), to: cache) }
        cache.demote([CacheFixture.name(object(5))])
        _ = cache.evict(to: 899)
        #expect(try cache.open(CacheFixture.name(object(5))) == nil)
        _ = cache.evict(to: 100)
        #expect(try cache.open(CacheFixture.name(object(0))) != nil)
        #expect(cache.totalSize == 100)
    }

    @Test("the parts of a joined file make room at once where the cache is more than half full")
    func demotedWhenCrowded() throws {
        let cache = try fixture.cache(limit: 1000)
        for number in 0..<6 { try CacheFixture.add(object(number), to: cache) }
        cache.demote([CacheFixture.name(object(1)), CacheFixture.name(object(2))])
        #expect(cache.totalSize == 400)
    }

    @Test("pins survive restarts and evictions, until they are unpinned")
    func pins() throws {
        let cache = try fixture.cache(limit: 1000)
        for number in 0..<9 { try CacheFixture.add(object(number), to: cache) }
        try cache.pin([CacheFixture.name(object(3))], as: "r.example.org /a")
        try cache.pin([CacheFixture.name(object(4))], as: "r.example.org /b")
        let next = try fixture.cache(limit: 1000)
        _ = next.evict(to: 0)
        #expect(try next.items().map(\.name) == [3, 4].map { CacheFixture.name(object($0)) })
        #expect(next.pins.map(\.label) == ["r.example.org /a", "r.example.org /b"])
        #expect(try next.unpin("r.example.org /a"))
        #expect(try !next.unpin("r.example.org /a"))
        _ = cache.evict(to: 0)
        #expect(try cache.items().map(\.name) == [CacheFixture.name(object(4))])
    }

    @Test("more than three quarters of the limit cannot be pinned")
    func tooManyPins() throws {
        let cache = try fixture.cache(limit: 1000)
        let names = try (0..<8).map { try CacheFixture.add(object($0), to: cache).name }
        #expect(throws: CacheProblem.self) { try cache.pin(Set(names), as: "r.example.org /") }
        try cache.pin(Set(names.prefix(7)), as: "r.example.org /")
    }
}
