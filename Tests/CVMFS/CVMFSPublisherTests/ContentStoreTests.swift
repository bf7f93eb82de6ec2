// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSPublisher
import CompressionCodecs
import Digests
import Foundation
import MetadataStore
import Synchronization
import Testing

/// A content map in which a name can be claimed for another content, as if the hash function had collided.
private final class ClaimingMap: ContentMap {
    private let inner = MemoryPublishedRepositories()
    private let claimed = Mutex<Set<ContentHash>>([])

    func claim(_ object: ContentHash) { claimed.withLock { _ = $0.insert(object) } }

    func object(for content: ContentKey, in repository: String) throws -> ContentObject? {
        inner.object(for: content, in: repository)
    }

    func content(of object: ContentHash, isChunk: Bool, in repository: String) throws -> [UInt8]? {
        if claimed.withLock({ $0.contains(object) }) { return [UInt8](repeating: 0xee, count: 32) }
        return inner.content(of: object, isChunk: isChunk, in: repository)
    }

    func record(_ objects: [(content: ContentKey, object: ContentObject)], in repository: String) throws {
        inner.record(objects, in: repository)
    }

    func hit(_ name: CollectableName, in repository: String) -> Bool { true }
    func hold(_ name: CollectableName, in repository: String) {}
    func losses(in repository: String) -> Int { 0 }
}

@Suite struct ContentStoreTests {
    private let fixture: PublishedFixture
    private let map = ClaimingMap()
    private let store: ContentStore
    private let objects: ObjectStore
    private let content = Array(String(repeating: "some content ", count: 100).utf8)

    init() throws {
        fixture = try PublishedFixture()
        objects = ObjectStore(location: fixture.location, algorithm: .sha1)
        store = ContentStore(objects: objects, profile: .compact, map: map)
    }

    private func name(_ profile: CompressionProfile) -> ContentHash {
        ContentHash(.sha1, of: ObjectCompressor(profile).compress(content))
    }

    /// Lets another content have the name that the content's form in a profile would have.
    private func take(_ profile: CompressionProfile) throws {
        try objects.put(ObjectCompressor(profile).compress(content), .file)
        map.claim(name(profile))
    }

    @Test("a content is stored once, and known afterwards, also by another store")
    func once() throws {
        let first = try store.object(forSmall: content).hash
        #expect(try store.object(forSmall: content).hash == first)
        #expect(first == name(.compact) && objects.contains(first, .file))
        try store.flush()
        let fast = ContentStore(objects: objects, profile: .fast, map: map)
        #expect(try fast.object(forSmall: content).hash == first)
        #expect(
            try ContentStore(objects: objects, profile: .identical, map: map).object(forSmall: content).hash
                == first
        )
        #expect(store.statistics.storedObjects == 1 && store.statistics.knownContents == 1)
    }

    @Test("a name that belongs to another content is not used: another encoding is")
    func collision() throws {
        try take(.compact)
        let hash = try store.object(forSmall: content).hash
        #expect(hash != name(.compact))
        #expect([name(.fast), name(.identical)].contains(hash))
        #expect(try objects.read(hash, .file) == content)
        try store.flush()
        #expect(try store.object(forSmall: content).hash == hash)
    }

    /// Bytes that no compressor makes smaller.
    private func noise(_ seed: UInt8) -> [UInt8] {
        (0..<300).flatMap { IncrementalDigest.digest(.sha256, of: [seed, UInt8($0 & 0xff), UInt8($0 >> 8)]) }
    }

    @Test("a file that does not compress is stored as it is, and known as such")
    func plain() throws {
        let content = noise(1)
        let object = try store.object(forSmall: content)
        #expect(object == ContentObject(ContentHash(.sha1, of: content), isPlain: true))
        #expect(try File.read(fixture.location.served + "/" + object.hash.objectPath(.file)) == content)
        try store.flush()
        #expect(
            try ContentStore(objects: objects, profile: .fast, map: map).object(forSmall: content) == object
        )
        // What the stock publisher would make is what the profile says.
        let identical = ContentStore(objects: objects, profile: .identical, map: ClaimingMap())
        #expect(try !identical.object(forSmall: content).isPlain)
        // Chunks share one flag, and small files are not worth the difference.
        let chunk = try content.withUnsafeBytes {
            try store.object(for: $0, isChunk: true, compressor: ObjectCompressor(.compact))
        }
        #expect(!chunk.isPlain)
        #expect(try !store.object(forSmall: Array(content.prefix(4095))).isPlain)
    }

    @Test("a file that is the compressed form of another never shares its object")
    func preimage() throws {
        let first = noise(2) + [UInt8](repeating: 0, count: 2000)
        let known = try store.object(forSmall: first)
        #expect(!known.isPlain)
        let evil = ObjectCompressor(.compact).compress(first)
        let other = try store.object(forSmall: evil)
        #expect(other.hash != known.hash && !other.isPlain)
        #expect(try objects.read(other.hash, .file) == evil)
        // The same when the map knows nothing of the first.
        let blind = ContentStore(objects: objects, profile: .compact, map: ClaimingMap())
        #expect(try blind.object(forSmall: evil).hash != known.hash)
        // And in the other order.
        let second = noise(3) + [UInt8](repeating: 0, count: 2000)
        let earlier = try store.object(forSmall: ObjectCompressor(.compact).compress(second))
        #expect(!earlier.isPlain)
        #expect(try store.object(forSmall: second).hash != earlier.hash)
    }

    @Test("a file that a crash left unrecorded changes nothing about the form of its content")
    func unrecorded() throws {
        let content = noise(4)
        let object = try store.object(forSmall: content)
        // Nothing was flushed: the file is there, and nobody knows of it.
        let restarted = ContentStore(objects: objects, profile: .compact, map: ClaimingMap())
        #expect(try restarted.object(forSmall: content) == object)
        #expect(object.isPlain)
    }

    @Test("if every encoding's name is taken, the content is refused")
    func hopelessCollision() throws {
        for profile in CompressionProfile.allCases { try take(profile) }
        #expect(throws: PublisherProblem.self) { try store.object(forSmall: content).hash }
    }

    @Test("a whole file and a chunk of the same bytes are objects of their own")
    func chunk() throws {
        let compressor = ObjectCompressor(.compact)
        let file = try content.withUnsafeBytes {
            try store.object(for: $0, isChunk: false, compressor: compressor).hash
        }
        let chunk = try content.withUnsafeBytes {
            try store.object(for: $0, isChunk: true, compressor: compressor).hash
        }
        #expect(file == chunk && objects.contains(file, .file) && objects.contains(chunk, .chunk))
        #expect(store.statistics.storedObjects == 2)
    }

    @Test("an object whose bytes were changed on disk is refused when it is read")
    func damaged() throws {
        let hash = try store.object(forSmall: content).hash
        let path = fixture.location.served + "/" + hash.objectPath(.file)
        var bytes = try File.read(path)
        bytes[20] ^= 1
        try File.write(bytes, to: path)
        let problem = #expect(throws: PublisherProblem.self) { try objects.read(hash, .file) }
        #expect(problem?.code == .objectCorrupt)
    }

    @Test("many threads that store the same contents store each once")
    func threads() throws {
        let pipeline = ContentPipeline(workers: 4, bytesLimit: 10_000)
        let contents = (0..<200).map { Array("content \($0 % 20)".utf8) }
        let tickets = contents.map { pipeline.submit($0, isChunk: false, to: store) }
        for (content, ticket) in zip(contents, tickets) {
            #expect(try objects.read(try pipeline.object(of: ticket).hash, .file) == content)
        }
        pipeline.close()
        #expect(store.statistics.storedObjects == 20)
    }
}
