// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
package import Digests
internal import MetadataStore
package import NIOCore
package import OCISpec

/// Writing blobs, in one piece or many.
///
/// An upload belongs to the repository that opened it. What was received stays across restarts; `ExpireUploads` ends
/// what nobody continues.
package struct UploadBlob: Sendable {
    private let stores: RegistryStores

    /// Works on these stores.
    package init(_ stores: RegistryStores) { self.stores = stores }

    /// A piece of an upload as a request brings it.
    package struct Piece {
        /// Where it belongs; `nil` appends.
        package var range: UploadRange?
        /// The request's `Content-Length`.
        package var lengthInBytes: Int64?

        /// Joins what the headers say.
        package init(range: UploadRange? = nil, lengthInBytes: Int64? = nil) {
            self.range = range
            self.lengthInBytes = lengthInBytes
        }
    }

    /// Opens an upload.
    ///
    /// `algorithm` is that of the digest at the end, where the client has announced it. Without it the bytes are hashed
    /// with SHA-256 as they come, and read once more if the end names another one.
    package func start(
        in repository: RepositoryName,
        algorithm: DigestAlgorithm = .sha256
    ) async throws -> UploadID {
        var generator = SystemRandomNumberGenerator()
        let id = UploadID(using: &generator)
        let record = UploadRecord(
            id: id.description,
            repository: repository,
            touched: stores.metadata.collectionClock.now()
        )
        try await stores.metadata.write { try $0.storeUpload(record) }
        if algorithm != .sha256 {
            try await stores.blobs.withUpload(id) { try await $0.expect(algorithm) }
        }
        return id
    }

    /// How many bytes an upload has.
    ///
    /// - Throws: `uploadUnknown` if it is finished, cancelled, expired, or another repository's.
    package func offset(of id: UploadID, in repository: RepositoryName) async throws -> Int64 {
        try await check(id, in: repository)
        return try await stores.blobs.withUpload(id) { $0.offset }
    }

    /// Appends a piece and returns the new offset.
    ///
    /// If the body breaks off, what came before stays.
    /// - Throws: `uploadOffset` if the piece belongs elsewhere; `sizeMismatch`, with nothing kept, if its length is not the
    ///   announced one.
    package func append(
        _ body: some AsyncSequence<ByteBuffer, any Error>,
        as piece: Piece,
        to id: UploadID,
        in repository: RepositoryName
    ) async throws -> Int64 {
        try await check(id, in: repository)
        let offset = try await stores.blobs.withUpload(id) { upload in
            try await receive(body, as: piece, into: upload)
            return upload.offset
        }
        let now = stores.metadata.collectionClock.now()
        try await stores.metadata.write { try $0.touchUpload(id.description, at: now) }
        return offset
    }

    /// Appends the last piece, which may be empty, and makes the upload a blob of the repository.
    ///
    /// A request that is repeated because its answer was lost succeeds again.
    /// - Throws: as `append`; `digestMismatch`, and the upload is gone.
    package func finish(
        _ id: UploadID,
        with body: some AsyncSequence<ByteBuffer, any Error>,
        as piece: Piece,
        digest: OCIDigest,
        in repository: RepositoryName
    ) async throws {
        do {
            try await check(id, in: repository)
        } catch let problem as RegistryProblem where problem.code == .uploadUnknown {
            guard try await hasBlob(digest, in: repository) else { throw problem }
            return
        }
        let size: Int64
        do {
            size = try await stores.blobs.withUpload(id) { upload in
                try await upload.expect(digest.algorithm)
                try await receive(body, as: piece, into: upload)
                try await stores.hold(digest)
                return try await upload.finish(as: digest)
            }
        } catch let problem as BlobProblem where problem.code == .digestMismatch {
            try await cancel(id, in: repository)
            throw RegistryProblem(.digestMismatch, problem.message)
        }
        let now = stores.now()
        try await stores.metadata.write { transaction in
            _ = try transaction.deleteUpload(id.description)
            let repository = try transaction.makeRepository(named: repository, at: now)
            try transaction.linkBlob(digest, size: size, to: repository, at: now)
        }
        stores.arrivals.tell(digest, size: size, in: repository)
    }

    /// Forgets an upload.
    package func cancel(_ id: UploadID, in repository: RepositoryName) async throws {
        try await check(id, in: repository)
        // The row goes first: a file without a row is swept, a row without a file would be an empty upload.
        _ = try await stores.metadata.write { try $0.deleteUpload(id.description) }
        try await stores.blobs.discardUpload(id)
    }

    private func check(_ id: UploadID, in repository: RepositoryName) async throws {
        let record = try await stores.metadata.read { try $0.upload(id.description) }
        guard record?.repository == repository else {
            throw RegistryProblem(.uploadUnknown, "there is no upload \(id) in '\(repository)'")
        }
    }

    private func hasBlob(_ digest: OCIDigest, in repository: RepositoryName) async throws -> Bool {
        try await stores.hit(digest, in: repository) != nil
    }
}

// MARK: Receiving

extension UploadBlob {
    /// Bytes are gathered to this size before they are handed to the storage, so that each hand-over to a thread pays.
    private static var batchSizeInBytes: Int { 1 << 20 }

    private func receive(
        _ body: some AsyncSequence<ByteBuffer, any Error>,
        as piece: Piece,
        into upload: any BlobUpload
    ) async throws {
        let start = upload.offset
        if let range = piece.range {
            guard range.start == start else {
                var problem = RegistryProblem(
                    .uploadOffset,
                    "the upload has \(start) bytes, not \(range.start)"
                )
                problem.offset = start
                throw problem
            }
            if let length = piece.lengthInBytes, length != range.count {
                throw RegistryProblem(.sizeMismatch, "the range has \(range.count) bytes, the body \(length)")
            }
        }
        do {
            try await store(body, in: upload)
        } catch let problem as BlobProblem where problem.code == .outOfSpace {
            // What is left of a request that failed for want of space would keep the disk full until the upload expires.
            try await upload.truncate(to: start)
            throw problem
        }
        let count = upload.offset - start
        guard let expected = piece.range?.count ?? piece.lengthInBytes, count != expected else { return }
        // A range says where each byte belongs, so none of them is trusted; without it, what came may be gone on with.
        if piece.range != nil { try await upload.truncate(to: start) }
        throw RegistryProblem(.sizeMismatch, "the body has \(count) bytes, not \(expected)")
    }

    /// Gathers one batch while the one before is being hashed and written, so that neither waits for the other and memory
    /// holds two batches whatever the size of the blob.
    private func store(
        _ body: some AsyncSequence<ByteBuffer, any Error>,
        in upload: any BlobUpload
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { writer in
            var batch = ByteBuffer()
            do {
                for try await var bytes in body {
                    batch.writeBuffer(&bytes)
                    guard batch.readableBytes >= Self.batchSizeInBytes else { continue }
                    try await writer.next()
                    let full = batch
                    writer.addTask { try await upload.append(full) }
                    let capacity = Self.batchSizeInBytes + Self.batchSizeInBytes / 4
                    batch = ByteBufferAllocator().buffer(capacity: capacity)
                }
            } catch  where !(error is BlobProblem) {
                // The client is gone. What it sent is kept for a resumption. After a failure of the storage nothing more
                // may be appended, as a batch would be missing in between.
                try await writer.next()
                if batch.readableBytes > 0 { try await upload.append(batch) }
                throw error
            }
            try await writer.next()
            if batch.readableBytes > 0 { try await upload.append(batch) }
        }
    }
}
