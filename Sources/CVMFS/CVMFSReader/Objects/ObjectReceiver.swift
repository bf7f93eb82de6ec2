// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CompressionCodecs
internal import Digests
internal import HTTPFetching
internal import ObjectCache

/// Takes an object as it is stored, hashes and inflates it on the way, and writes the content into the cache.
final class ObjectReceiver: ContentReceiver {
    /// The size of an object whose size nobody says may not exceed this.
    static let unknownSizeLimit: Int64 = 8 << 30

    private let hash: ContentHash
    private let compression: ObjectCompression
    private let size: Int64?
    private let transaction: CacheTransaction
    private let hasher: IncrementalDigest
    private var inflater: ZlibStream?

    init(_ hash: ContentHash, compression: ObjectCompression, size: Int64?, transaction: CacheTransaction) {
        self.hash = hash
        self.compression = compression
        self.size = size
        self.transaction = transaction
        hasher = IncrementalDigest(hash.algorithm.digestAlgorithm)
    }

    func restart() throws {
        _ = hasher.finish()
        inflater = compression == .zlib ? ZlibStream() : nil
        try transaction.restart()
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        hasher.update(bytes)
        guard let inflater else {
            try write(bytes)
            return
        }
        var failure: (any Error)?
        do {
            try inflater.inflate(bytes) { (piece) throws(CompressionProblem) in
                guard failure == nil else { return }
                do { try write(piece) } catch { failure = error }
            }
        } catch {
            throw FetchProblem(.corrupt, "the object \(hash) cannot be inflated", cause: error)
        }
        if let failure { throw failure }
    }

    func finish() throws {
        guard ContentHash(algorithm: hash.algorithm, bytes: hasher.finish()) == hash else {
            throw FetchProblem(.corrupt, "the object \(hash) was delivered with another content")
        }
        do { try inflater?.finish() } catch {
            throw FetchProblem(.corrupt, "the object \(hash) is cut short", cause: error)
        }
        guard size == nil || size == transaction.byteCount else {
            throw FetchProblem(
                .corrupt,
                "the object \(hash) has \(transaction.byteCount) bytes, not \(size ?? 0)"
            )
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard transaction.byteCount + Int64(bytes.count) <= size ?? Self.unknownSizeLimit else {
            throw FetchProblem(
                .corrupt,
                "the object \(hash) is larger than its \(size ?? Self.unknownSizeLimit) bytes"
            )
        }
        try transaction.write(bytes)
    }
}
