// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import NIOCore
internal import Synchronization

/// Blobs in memory: the twin of the drivers, for tests.
package final class MemoryBlobStorage: BlobStorage, BlobDisposal {
    private struct State {
        var blobs: [String: ByteBuffer] = [:]
        var uploads: [UploadID: ByteBuffer] = [:]
        var busy: Set<UploadID> = []
    }

    private let state = Mutex(State())

    /// Starts empty.
    package init() {}

    package func size(of digest: OCIDigest) async throws(BlobProblem) -> Int64? {
        state.withLock { $0.blobs[digest.description].map { Int64($0.readableBytes) } }
    }

    package func open(_ digest: OCIDigest) async throws(BlobProblem) -> (any BlobContent)? {
        state.withLock { $0.blobs[digest.description].map { MemoryContent(bytes: $0) } }
    }

    package func withUpload<Result: Sendable>(
        _ id: UploadID,
        _ body: (any BlobUpload) async throws -> Result
    ) async throws -> Result {
        let isFree = state.withLock { state in
            if state.uploads[id] == nil { state.uploads[id] = ByteBuffer() }
            return state.busy.insert(id).inserted
        }
        guard isFree else { throw BlobProblem(.uploadBusy, "another request is writing to the upload \(id)") }
        defer { state.withLock { _ = $0.busy.remove(id) } }
        return try await body(MemoryUpload(id: id, storage: self))
    }

    package func discardUpload(_ id: UploadID) async throws(BlobProblem) {
        state.withLock { $0.uploads[id] = nil }
    }

    package func uploads() async throws(BlobProblem) -> [UploadID] {
        state.withLock { Array($0.uploads.keys) }
    }

    package func delete(_ digest: OCIDigest) async throws(BlobProblem) -> Bool {
        state.withLock { $0.blobs.removeValue(forKey: digest.description) != nil }
    }

    package func quarantine(_ digest: OCIDigest, holding content: any BlobContent) async throws(BlobProblem)
        -> Bool
    {
        guard let damaged = content as? MemoryContent else { return false }
        return state.withLock { state in
            guard state.blobs[digest.description] == damaged.bytes else { return false }
            state.blobs[digest.description] = nil
            return true
        }
    }

    package func digests(after last: OCIDigest?, limit: Int) async throws(BlobProblem) -> [OCIDigest] {
        state.withLock { state in
            let names = state.blobs.keys.sorted().filter { name in last.map { name > $0.description } ?? true
            }
            return names.prefix(limit).compactMap { OCIDigest($0) }
        }
    }

    package func setAside(_ digest: OCIDigest) throws(BlobProblem) {
        state.withLock { $0.blobs[digest.description] = nil }
    }

    package func emptyTrash() throws(BlobProblem) {}

    package func blobs(of algorithm: DigestAlgorithm, beginning first: UInt8) throws(BlobProblem) -> [(
        digest: OCIDigest, size: Int64
    )] {
        state.withLock { state in
            state.blobs.compactMap { name, bytes in
                OCIDigest(name).map { ($0, Int64(bytes.readableBytes)) }
            }
            .filter { $0.0.algorithm == algorithm && UInt8($0.0.encoded.prefix(2), radix: 16) == first }
        }
    }

    private struct MemoryContent: BlobContent {
        let bytes: ByteBuffer

        var size: Int64 { Int64(bytes.readableBytes) }
        var fileDescriptor: Int32? { nil }

        func read(at offset: Int64, count: Int) async throws(BlobProblem) -> ByteBuffer {
            let start = Int(min(offset, size))
            let length = min(count, bytes.readableBytes - start)
            return bytes.getSlice(at: bytes.readerIndex + start, length: length) ?? ByteBuffer()
        }
    }

    private struct MemoryUpload: BlobUpload {
        let id: UploadID
        let storage: MemoryBlobStorage

        private var bytes: ByteBuffer { storage.state.withLock { $0.uploads[id] ?? ByteBuffer() } }

        var offset: Int64 { Int64(bytes.readableBytes) }

        func expect(_ algorithm: DigestAlgorithm) async throws(BlobProblem) {}

        func append(_ bytes: ByteBuffer) async throws(BlobProblem) {
            storage.state.withLock { state in
                var bytes = bytes
                _ = state.uploads[id]?.writeBuffer(&bytes)
            }
        }

        func truncate(to offset: Int64) async throws(BlobProblem) {
            let current = bytes
            guard offset <= Int64(current.readableBytes) else {
                throw BlobProblem(.wrongOffset, "the upload has only \(current.readableBytes) bytes")
            }
            let kept = current.getSlice(at: current.readerIndex, length: Int(offset))
            storage.state.withLock { $0.uploads[id] = kept }
        }

        func finish(as digest: OCIDigest) async throws(BlobProblem) -> Int64 {
            let content = bytes
            let found = OCIDigest(digest.algorithm, of: content.readableBytesView)
            guard found == digest else { throw BlobProblem.mismatch(expected: digest, found: found) }
            storage.state.withLock { state in
                state.blobs[digest.description] = content
                state.uploads[id] = nil
            }
            return Int64(content.readableBytes)
        }
    }
}
