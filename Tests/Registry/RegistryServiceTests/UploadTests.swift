// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import Digests
import MetadataStore
import MetadataStoreSQLite
import NIOCore
import OCISpec
import RegistryService
import Synchronization
import TestSupport
import Testing

@Suite struct UploadTests {
    private struct Aborted: Error {}

    private func withStores(
        now: @escaping @Sendable () -> Timestamp = { Timestamp(millisecondsSince1970: 0) },
        _ body: (RegistryStores, RepositoryName) async throws -> Void
    ) async throws {
        try await TestScope.run { scope in
            let stores = RegistryStores(
                blobs: MemoryBlobStorage(),
                metadata: try SQLiteMetadataStore(
                    path: scope.path("wharf.db"),
                    clocks: CollectionClock.Sources(
                        wall: { now().millisecondsSince1970 },
                        steady: { now().millisecondsSince1970 }
                    )
                ),
                now: now
            )
            try await body(stores, try #require(RepositoryName("a")))
        }
    }

    private func body(_ texts: [String], abort: Bool = false) -> AsyncThrowingStream<ByteBuffer, any Error> {
        AsyncThrowingStream { continuation in
            for text in texts { continuation.yield(ByteBuffer(string: text)) }
            continuation.finish(throwing: abort ? Aborted() : nil)
        }
    }

    @Test("what came before the client went away stays, and the upload goes on from there")
    func abort() async throws {
        try await withStores { stores, name in
            let uploads = UploadBlob(stores)
            let id = try await uploads.start(in: name)
            await #expect(throws: Aborted.self) {
                try await uploads.append(
                    body(["ab", "cd"], abort: true),
                    as: UploadBlob.Piece(),
                    to: id,
                    in: name
                )
            }
            #expect(try await uploads.offset(of: id, in: name) == 4)
            let piece = UploadBlob.Piece(range: UploadRange(header: "4-5"), lengthInBytes: 2)
            let digest = OCIDigest(of: Array("abcdef".utf8))
            try await uploads.finish(id, with: body(["e", "f"]), as: piece, digest: digest, in: name)
            #expect(try await PullBlob(stores).size(of: digest, in: name) == 6)
        }
    }

    @Test("uploads expire after their last byte, and bytes without an upload are swept")
    func expiry() async throws {
        let clock = Mutex<Int64>(0)
        try await withStores(now: { Timestamp(millisecondsSince1970: clock.withLock { $0 }) }) {
            stores,
            name in
            let uploads = UploadBlob(stores)
            let expire = ExpireUploads(stores, lifetime: .seconds(60))
            let old = try await uploads.start(in: name)
            _ = try await uploads.append(body(["x"]), as: UploadBlob.Piece(), to: old, in: name)
            let orphan = try #require(UploadID(String(repeating: "0", count: 32)))
            try await stores.blobs.withUpload(orphan) { try await $0.append(ByteBuffer(string: "x")) }
            clock.withLock { $0 = 50_000 }
            let new = try await uploads.start(in: name)
            #expect(try await expire() == 1)
            #expect(try await stores.blobs.uploads() == [old])
            clock.withLock { $0 = 61_000 }
            #expect(try await expire() == 1)
            await #expect(throws: RegistryProblem.self) { try await uploads.offset(of: old, in: name) }
            #expect(try await uploads.offset(of: new, in: name) == 0)
        }
    }

    @Test("an upload that is being written to does not expire, however long that takes")
    func busy() async throws {
        let clock = Mutex<Int64>(0)
        try await withStores(now: { Timestamp(millisecondsSince1970: clock.withLock { $0 }) }) {
            stores,
            name in
            let uploads = UploadBlob(stores)
            let id = try await uploads.start(in: name)
            try await stores.blobs.withUpload(id) { upload in
                try await upload.append(ByteBuffer(string: "slow"))
                clock.withLock { $0 = 1_000_000 }
                #expect(try await ExpireUploads(stores, lifetime: .seconds(60))() == 0)
            }
            let digest = OCIDigest(of: Array("slow".utf8))
            try await uploads.finish(id, with: body([]), as: UploadBlob.Piece(), digest: digest, in: name)
            #expect(try await PullBlob(stores).size(of: digest, in: name) == 4)
        }
    }

    @Test("a body of another length than was said is refused; without a place, what came of it stays")
    func wrongLength() async throws {
        try await withStores { stores, name in
            let uploads = UploadBlob(stores)
            let id = try await uploads.start(in: name)
            for (piece, kept) in [
                (UploadBlob.Piece(range: UploadRange(header: "0-5"), lengthInBytes: nil), Int64(0)),
                (UploadBlob.Piece(lengthInBytes: 6), 3),
            ] {
                let problem = await #expect(throws: RegistryProblem.self) {
                    try await uploads.append(body(["abc"]), as: piece, to: id, in: name)
                }
                #expect(problem?.code == .sizeMismatch)
                #expect(try await uploads.offset(of: id, in: name) == kept)
            }
        }
    }

    @Test("a blob that the storage has lost is not answered as unknown")
    func lost() async throws {
        try await withStores { stores, name in
            let uploads = UploadBlob(stores)
            let id = try await uploads.start(in: name)
            let digest = OCIDigest(of: Array("x".utf8))
            try await uploads.finish(id, with: body(["x"]), as: UploadBlob.Piece(), digest: digest, in: name)
            _ = try await stores.blobs.delete(digest)
            let problem = await #expect(throws: RegistryProblem.self) {
                try await PullBlob(stores).open(digest, in: name)
            }
            #expect(problem?.code == .blobLost)
        }
    }
}
