// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import ObjectCache
import RepositoryFixtures
import Testing

@Suite("recovery of the cache")
struct CacheRecoveryTests {
    let fixture: CacheFixture

    init() throws { fixture = try CacheFixture() }

    @Test("an index that is lost is made anew from the objects; what nothing vouches for goes")
    func lostIndex() throws {
        let cache = try fixture.cache()
        for text in ["one", "two"] { try CacheFixture.add(text, to: cache) }
        let stranger = cache.path(of: CacheFixture.name("stranger"))
        try Data("stranger".utf8).write(to: URL(fileURLWithPath: stranger))
        try FileManager.default.removeItem(atPath: fixture.directory + "/index")
        let next = try fixture.cache()
        #expect(try CacheFixture.text(try next.open(CacheFixture.name("one"))) == "one")
        #expect(next.totalSize == 6)
        #expect(!FileManager.default.fileExists(atPath: stranger))
        // The process that had the old index open goes on, too.
        #expect(try CacheFixture.text(try cache.open(CacheFixture.name("two"))) == "two")
        try CacheFixture.add("three", to: cache)
        #expect(try CacheFixture.text(try next.open(CacheFixture.name("three"))) == "three")
    }

    @Test("an index that is lost while a process runs is made anew by its next object")
    func lostWhileRunning() throws {
        let cache = try fixture.cache()
        try CacheFixture.add("one", to: cache)
        try FileManager.default.removeItem(atPath: fixture.directory + "/index")
        try CacheFixture.add("two", to: cache)
        #expect(cache.totalSize == 6)
        #expect(try CacheFixture.text(try fixture.cache().open(CacheFixture.name("one"))) == "one")
    }

    @Test("a directory that is removed under a cache is made anew; what is open is read on")
    func removedDirectory() throws {
        let cache = try fixture.cache()
        let object = try CacheFixture.add("one", to: cache)
        let half = try cache.begin(.data)
        try FileManager.default.removeItem(atPath: fixture.directory)
        #expect(try CacheFixture.text(object) == "one")
        #expect(try cache.open(CacheFixture.name("one")) == nil)
        try Array("half".utf8).withUnsafeBytes { try half.write($0) }
        #expect(try CacheFixture.text(try half.commit(as: CacheFixture.name("half"))) == "half")
        try CacheFixture.add("two", to: cache)
        #expect(try CacheFixture.text(try cache.open(CacheFixture.name("two"))) == "two")
        #expect(try cache.totalSize == fixture.sizesOnDisk().values.reduce(0, +))
    }

    @Test(
        "whatever an index says, only right contents come out, and the sum is that of the files",
        arguments: 1...12
    )
    func noise(seed: Int) throws {
        var state = UInt64(seed)
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let texts = (0..<20).map { "content \($0)" }
        let cache = try fixture.cache()
        for text in texts { try CacheFixture.add(text, to: cache) }
        let file = URL(fileURLWithPath: fixture.directory + "/index")
        var index = [UInt8](try Data(contentsOf: file))
        for _ in 0..<(1 + random(40)) where !index.isEmpty {
            let place = random(index.count)
            switch random(5) {
            case 0: index.removeSubrange(place..<min(place + random(200), index.count))
            case 1: index.insert(contentsOf: (0..<random(100)).map { _ in UInt8(random(256)) }, at: place)
            // Whole records that come twice, in another order.
            case 2 where index.count >= 160:
                let record = Array(index[(place / 80 * 80)...].prefix(80))
                index.insert(contentsOf: record, at: random(index.count / 80) * 80)
            default: index[place] = UInt8(random(256))
            }
        }
        try Data(index).write(to: file)
        let next = try fixture.cache()
        for text in texts {
            guard let object = try next.open(CacheFixture.name(text)) else { continue }
            #expect(try CacheFixture.text(object) == text)
        }
        for text in texts { try CacheFixture.add(text, to: next) }
        _ = try next.check { _ in }
        #expect(try next.totalSize == fixture.sizesOnDisk().values.reduce(0, +))
        #expect(try fixture.cache().totalSize == next.totalSize)
    }

    @Test("large contents are costly until they were hashed once, small ones never")
    func costly() throws {
        let large = String(repeating: "0123456789abcdef", count: 1 << 20)
        let cache = try fixture.cache(limit: 1 << 30)
        try CacheFixture.add(large, to: cache)
        try CacheFixture.add("small", to: cache)
        #expect(!cache.isCostly(CacheFixture.name(large)))
        let next = try fixture.cache(limit: 1 << 30)
        #expect(next.isCostly(CacheFixture.name(large)))
        #expect(!next.isCostly(CacheFixture.name("small")))
        #expect(try next.open(CacheFixture.name(large)) != nil)
        #expect(!next.isCostly(CacheFixture.name(large)))
    }

    @Test("the index of a cache that is busy for long stays small")
    func compaction() throws {
        let cache = try fixture.cache(limit: 2000)
        for number in 0..<6000 { try CacheFixture.add("object \(number % 400)", to: cache) }
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.directory + "/index")
        #expect((attributes[.size] as? NSNumber)?.intValue ?? 0 < 80 * 6000)
        #expect(try cache.totalSize == fixture.sizesOnDisk().values.reduce(0, +))
    }

    @Test("a check puts damaged objects aside, forgets missing ones and finds unknown ones")
    func check() throws {
        let cache = try fixture.cache()
        for text in ["good", "damaged", "missing"] { try CacheFixture.add(text, to: cache) }
        try Data("DAMAGED".utf8)
            .write(to: URL(fileURLWithPath: cache.path(of: CacheFixture.name("damaged"))))
        try FileManager.default.removeItem(atPath: cache.path(of: CacheFixture.name("missing")))
        try Data("?".utf8).write(to: URL(fileURLWithPath: cache.path(of: CacheFixture.name("unknown"))))
        let result = try cache.check { _ in }
        #expect(result.damaged == [CacheFixture.name("damaged")])
        #expect((result.missingCount, result.removedCount, result.checkedCount) == (1, 1, 2))
        #expect(try cache.items().map(\.name) == [CacheFixture.name("good")])
        #expect(try cache.check { _ in }.damaged.isEmpty)
    }

    @Test("an append joins contents exactly, whether the kernel can copy or not", arguments: [1, 3, 40])
    func append(count: Int) throws {
        let cache = try fixture.cache(limit: 100 << 20)
        let texts = (0..<count).map { String(repeating: "\($0),", count: 50_000 + $0) }
        let whole = try cache.begin(.data)
        for text in texts { try whole.append(try CacheFixture.add(text, to: cache)) }
        let joined = try whole.commit(as: CacheFixture.name("joined"))
        #expect(try CacheFixture.text(joined) == texts.joined())
        #expect(try cache.check { _ in }.damaged.isEmpty)
    }
}
