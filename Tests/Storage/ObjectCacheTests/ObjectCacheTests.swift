// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import ObjectCache
import RepositoryFixtures
import Testing

@Suite("object cache")
struct ObjectCacheTests {
    let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func cache(limit: Int64 = 1 << 20, now: Int64 = 1000) throws -> ObjectCache {
        try ObjectCache(
            directory: scratch.path + "/cache",
            limitInBytes: limit,
            now: { now },
            report: { _ in }
        )
    }

    private func name(_ text: String) -> ContentHash { ContentHash(.sha1, of: Array(text.utf8)) }

    @discardableResult
    private func add(_ text: String, to cache: ObjectCache) throws -> CachedObject {
        let transaction = try cache.begin(.data)
        try Array(text.utf8).withUnsafeBytes { try transaction.write($0) }
        return try transaction.commit(as: name(text))
    }

    private func text(_ object: CachedObject?) throws -> String {
        let object = try #require(object)
        var bytes = [UInt8](repeating: 0, count: Int(object.size))
        let count = try bytes.withUnsafeMutableBytes { try object.read(at: 0, into: $0) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test("what was added is found, also by another process")
    func roundTrip() throws {
        let (first, second) = (try cache(), try cache())
        #expect(try first.open(name("a")) == nil)
        try add("a", to: first)
        #expect(try text(try first.open(name("a"))) == "a")
        #expect(try text(try second.open(name("a"))) == "a")
        #expect(second.totalSize == 1)
    }

    @Test("a transaction that is given up leaves nothing")
    func abandoned() throws {
        let cache = try cache()
        do {
            let transaction = try cache.begin(.data)
            try [UInt8]("x".utf8).withUnsafeBytes { try transaction.write($0) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache.directory + "/txn").isEmpty)
    }

    @Test("what a killed process left in txn is swept at start")
    func leftovers() throws {
        let path = try cache().directory + "/txn/1-1-1"
        try Data("half".utf8).write(to: URL(fileURLWithPath: path))
        _ = try cache()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test(
        "a changed file is quarantined at the first open after start, and while it runs",
        arguments: [true, false]
    )
    func changedFiles(afterRestart: Bool) throws {
        var cache = try cache()
        try add("content", to: cache)
        try Data("CONTENT".utf8).write(to: URL(fileURLWithPath: cache.path(of: name("content"))))
        if afterRestart { cache = try self.cache() }
        #expect(try cache.open(name("content")) == nil)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: cache.directory + "/quarantine").count == 1
        )
        try add("content", to: cache)
        #expect(try text(try cache.open(name("content"))) == "content")
    }

    @Test("a change under an open object is an error, not other bytes")
    func changedWhileOpen() throws {
        let cache = try cache()
        let object = try add("content", to: cache)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: cache.path(of: name("content"))))
        try handle.write(contentsOf: Data("CONTENT".utf8))
        try handle.close()
        #expect(throws: CacheProblem.self) { try text(object) }
    }

    @Test("an unlinked object stays readable while it is open")
    func unlinkedWhileOpen() throws {
        let cache = try cache()
        let object = try add("content", to: cache)
        try FileManager.default.removeItem(atPath: cache.path(of: name("content")))
        #expect(try text(object) == "content")
        #expect(try cache.open(name("content")) == nil)
    }

    @Test("eviction keeps the limit, the open objects and the ones used last")
    func eviction() throws {
        let directory = scratch.path + "/cache"
        let clock = TestClock()
        let cache = try ObjectCache(
            directory: directory,
            limitInBytes: 1000,
            now: { clock.next() },
            report: { _ in }
        )
        let contents = (0..<30).map { String(repeating: "x", count: 90) + "\($0 + 10)" }
        let pinned = try add(contents[0], to: cache)
        for content in contents.dropFirst() { try add(content, to: cache) }
        #expect(cache.totalSize <= 1000)
        #expect(try text(try cache.open(name(contents[0]))) == contents[0])
        #expect(try cache.open(name(contents[1])) == nil)
        #expect(try cache.open(name(contents[29])) != nil)
        #expect(pinned.size == 92)
    }

    @Test(
        "thousands of objects that come and go are found exactly as a simple model says",
        arguments: [1, 2]
    )
    func model(seed: UInt64) throws {
        var state = seed
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let cache = try cache()
        var model: Set<String> = []
        for _ in 0..<4000 {
            let text = "object \(random(700))"
            switch random(5) {
            case 0..<3:
                try add(text, to: cache)
                model.insert(text)
            case 3 where model.contains(text):
                try cache.quarantine(name(text))
                model.remove(text)
            default: #expect(try (cache.open(name(text)) != nil) == model.contains(text))
            }
        }
        let again = try self.cache()
        for known in [cache, again] {
            #expect(known.totalSize == model.reduce(0) { $0 + Int64($1.utf8.count) })
            for number in 0..<700 {
                let content = "object \(number)"
                let object = try known.open(name(content))
                #expect((object != nil) == model.contains(content))
                if let object { #expect(try text(object) == content) }
            }
        }
    }

    @Test("a damaged index costs the objects that nothing else vouches for", arguments: [true, false])
    func damagedIndex(hasLabel: Bool) throws {
        let cache = try cache()
        try add("one", to: cache)
        try add("two", to: cache)
        let file = URL(fileURLWithPath: cache.path(of: name("one")))
        // Writing it anew loses the label.
        if !hasLabel { try Data("one".utf8).write(to: file, options: .atomic) }
        let index = URL(fileURLWithPath: cache.directory + "/index")
        var content = try Data(contentsOf: index)
        content[30] ^= 1
        try content.write(to: index)
        let next = try self.cache()
        #expect(try (next.open(name("one")) != nil) == hasLabel)
        #expect(try text(try next.open(name("two"))) == "two")
        #expect(FileManager.default.fileExists(atPath: next.path(of: name("one"))) == hasLabel)
    }

    @Test("an index that ends in the middle of a record is read up to there")
    func tornIndex() throws {
        let cache = try cache()
        try add("one", to: cache)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: cache.directory + "/index"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([1, 0, 0]))
        try handle.close()
        let next = try self.cache()
        #expect(try text(try next.open(name("one"))) == "one")
        try add("two", to: next)
        #expect(try text(try next.open(name("two"))) == "two")
        #expect(try text(try self.cache().open(name("two"))) == "two")
    }
}

/// Seconds that pass with every look.
final class TestClock: @unchecked Sendable {
    // Tests look from one thread.
    private var seconds: Int64 = 0

    func next() -> Int64 {
        seconds += 1
        return seconds
    }
}
