// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import Digests
import Foundation
import ImagePublishing
import MetadataStore
import Synchronization
import Testing

@Suite(.ownThread) struct LayerIngestPoolTests {
    private let fixture: PublishingFixture
    private let layer = TestLayer(files: [("a", "alpha")])

    init() throws { fixture = try PublishingFixture() }

    @Test("an image that lies about a layer does not make another fail that shares the blob")
    func sharedBlob() async throws {
        let lie = TestLayer(files: [("b", "b")]).diffID
        let liar = try await fixture.shelf.putImage(
            [layer],
            more: ["rootfs": ["type": "layers", "diff_ids": [lie.description]]]
        )
        let honest = try await fixture.shelf.putImage([layer])
        try fixture.push(liar, to: "liar")
        #expect(try fixture.publisher.round().isEmpty)
        fixture.waitForLayer()
        // The liar is gone before anybody hears why its layer could not be read.
        try fixture.delete("liar")
        try fixture.push(honest, to: "honest")
        try fixture.publish()
        let status = try #require(try fixture.status("honest"))
        #expect(status.state == .published, "\(status.error ?? "")")
    }

    @Test("all tags of an image whose layer is broken fail, and the layer is read once")
    func readOnce() async throws {
        let storage = CountingStorage(fixture.shelf.blobs)
        let done = DispatchSemaphore(value: 0)
        let pool = LayerIngestPool(storage: storage) { done.signal() }
        defer { pool.stop() }
        let publisher = try fixture.anotherPublisher(policy: EveryImage(), pool: pool)
        let lie = TestLayer(files: [("b", "b")]).diffID
        let liar = try await fixture.shelf.putImage(
            [layer],
            more: ["rootfs": ["type": "layers", "diff_ids": [lie.description]]]
        )
        for tag in ["1", "2", "3"] { try fixture.push(liar, to: "liar", tag) }
        // The layer may have failed before the round comes to the last tag.
        let early = try publisher.round().count
        done.wait()
        #expect(try early + publisher.round().count == 3)
        #expect(storage.opened(layer.digest) == 1)
    }

    @Test("a layer whose reading fails for no fault of its own is left alone for a while, longer each time")
    func rests() async throws {
        let storage = CountingStorage(fixture.shelf.blobs)
        let done = DispatchSemaphore(value: 0)
        let time = Mutex(ContinuousClock.now)
        let pool = LayerIngestPool(storage: storage, now: { time.withLock { $0 } }) { done.signal() }
        defer { pool.stop() }
        let publisher = try fixture.anotherPublisher(policy: EveryImage(), pool: pool)
        let digest = try await fixture.shelf.putImage([layer])
        storage.fail(layer.digest)
        try fixture.push(digest, to: "app")
        for (attempt, pause) in [(1, 1), (2, 2), (3, 4)] {
            #expect(try publisher.round().isEmpty)
            done.wait()
            #expect(throws: PublicationTrouble.self) { try publisher.round() }
            // Rounds that others bring about do not read it again.
            for _ in 0..<3 { #expect(try publisher.round().isEmpty) }
            #expect(storage.opened(layer.digest) == attempt)
            #expect(pool.timeToNextTry == .seconds(pause))
            time.withLock { $0 += .seconds(pause) }
            #expect(pool.timeToNextTry == .zero)
        }
        storage.heal()
        #expect(try publisher.round().isEmpty)
        done.wait()
        #expect(try publisher.round().count == 1)
        #expect(pool.timeToNextTry == nil)
        #expect(try fixture.status("app")?.state == .published)
    }

    @Test("a layer that nobody wants any more wakes nobody")
    func abandoned() async throws {
        let storage = CountingStorage(fixture.shelf.blobs)
        let done = DispatchSemaphore(value: 0)
        let pool = LayerIngestPool(storage: storage) { done.signal() }
        defer { pool.stop() }
        let publisher = try fixture.anotherPublisher(policy: EveryImage(), pool: pool)
        let digest = try await fixture.shelf.putImage([layer])
        storage.fail(layer.digest)
        try fixture.push(digest, to: "app")
        #expect(try publisher.round().isEmpty)
        done.wait()
        #expect(throws: PublicationTrouble.self) { try publisher.round() }
        try fixture.delete("app")
        _ = try publisher.round()
        #expect(pool.timeToNextTry == nil)
    }
}

/// A storage that counts what is opened, and can refuse to open a blob.
private final class CountingStorage: BlobStorage {
    private let storage: MemoryBlobStorage
    private let opened = Mutex<[OCIDigest: Int]>([:])
    private let failing = Mutex<OCIDigest?>(nil)

    init(_ storage: MemoryBlobStorage) { self.storage = storage }

    func opened(_ digest: OCIDigest) -> Int { opened.withLock { $0[digest] ?? 0 } }

    func fail(_ digest: OCIDigest) { failing.withLock { $0 = digest } }

    func heal() { failing.withLock { $0 = nil } }

    func open(_ digest: OCIDigest) async throws(BlobProblem) -> (any BlobContent)? {
        opened.withLock { $0[digest, default: 0] += 1 }
        if failing.withLock({ $0 == digest }) { throw BlobProblem(.failed, "the disk does not answer") }
        return try await storage.open(digest)
    }

    func size(of digest: OCIDigest) async throws(BlobProblem) -> Int64? { try await storage.size(of: digest) }

    func withUpload<Result: Sendable>(
        _ id: UploadID,
        _ body: (any BlobUpload) async throws -> Result
    ) async throws -> Result {
        try await storage.withUpload(id, body)
    }

    func discardUpload(_ id: UploadID) async throws(BlobProblem) { try await storage.discardUpload(id) }

    func uploads() async throws(BlobProblem) -> [UploadID] { try await storage.uploads() }

    func delete(_ digest: OCIDigest) async throws(BlobProblem) -> Bool { try await storage.delete(digest) }

    func quarantine(_ digest: OCIDigest, holding content: any BlobContent) async throws(BlobProblem) -> Bool {
        try await storage.quarantine(digest, holding: content)
    }

    func digests(after last: OCIDigest?, limit: Int) async throws(BlobProblem) -> [OCIDigest] {
        try await storage.digests(after: last, limit: limit)
    }
}
