// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import Digests
import MetadataStore
import MetadataStoreSQLite
import NIOCore
import OCISpec
import RegistryUpkeep
import Synchronization
import TestSupport
import Testing

@Suite struct ScrubTests {
    private static let now = Timestamp(millisecondsSince1970: 1)

    /// Runs `body` with a repository that has blobs of these contents on record, of which `stored` are stored.
    private func withBlobs(
        _ contents: [String],
        stored: [String],
        _ body: (MemoryBlobStorage, SQLiteMetadataStore) async throws -> Void
    ) async throws {
        try await TestScope.run { scope in
            let (blobs, metadata) = (
                MemoryBlobStorage(), try SQLiteMetadataStore(path: scope.path("wharf.db"))
            )
            for (number, content) in stored.enumerated() { try await Self.store(content, number, in: blobs) }
            try await metadata.write { transaction in
                let name = try #require(RepositoryName("a/b"))
                let row = try transaction.makeRepository(named: name, at: Self.now)
                for content in contents {
                    let digest = OCIDigest(of: Array(content.utf8))
                    try transaction.linkBlob(digest, size: Int64(content.utf8.count), to: row, at: Self.now)
                }
            }
            try await body(blobs, metadata)
        }
    }

    private static func store(_ content: String, _ number: Int, in blobs: MemoryBlobStorage) async throws {
        let digit = String(number, radix: 16)
        let id = try #require(UploadID(String(repeating: digit, count: 32)))
        _ = try await blobs.withUpload(id) { upload in
            try await upload.append(ByteBuffer(string: content))
            return try await upload.finish(as: OCIDigest(of: Array(content.utf8)))
        }
    }

    private func scrub(
        _ blobs: any BlobStorage,
        _ metadata: any MetadataStore,
        from state: ScrubState = ScrubState(),
        onProgress: (ScrubState) async throws -> Void = { _ in }
    ) async throws -> ScrubState {
        try await ScrubBlobs(blobs: blobs, metadata: metadata) { Self.now }(
            from: state,
            pace: ScrubPace(bytesPerSecond: nil),
            onProgress: onProgress
        )
    }

    private func size(of content: String, in metadata: SQLiteMetadataStore) async throws -> Int64? {
        let digest = OCIDigest(of: Array(content.utf8))
        return try await metadata.read { transaction in
            let name = try #require(RepositoryName("a/b"))
            return try transaction.repository(named: name).flatMap {
                try transaction.blobSize(digest, in: $0)
            }
        }
    }

    @Test("a blob that is gone leaves the sight of its repository until its bytes are back")
    func gone() async throws {
        try await withBlobs(["one", "two"], stored: ["one"]) { blobs, metadata in
            let state = try await scrub(blobs, metadata)
            #expect(state.found.map(\.digest) == [OCIDigest(of: Array("two".utf8)).description])
            #expect(try await size(of: "one", in: metadata) == 3)
            #expect(try await size(of: "two", in: metadata) == nil)
            #expect(try await scrub(blobs, metadata).found.isEmpty)
            try await Self.store("two", 9, in: blobs)
            #expect(try await scrub(blobs, metadata).found.isEmpty)
            #expect(try await size(of: "two", in: metadata) == 3)
        }
    }

    @Test("a run that was stopped goes on after the last blob, and finds the same")
    func resumed() async throws {
        let contents = (0..<7).map { "content \($0)" }
        try await withBlobs(contents, stored: Array(contents.dropLast(2))) { blobs, metadata in
            struct Stop: Error {}
            let kept = Mutex(ScrubState())
            await #expect(throws: Stop.self) {
                try await scrub(blobs, metadata) { state in
                    kept.withLock { $0 = state }
                    if state.blobs == 4 { throw Stop() }
                }
            }
            let state = try await scrub(blobs, metadata, from: kept.withLock { $0 })
            #expect(state.blobs == 7)
            #expect(state.found.count == 2)
            #expect(state.last == nil)
        }
    }
}
