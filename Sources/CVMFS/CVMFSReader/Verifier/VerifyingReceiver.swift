// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CompressionCodecs
internal import Digests
internal import HTTPFetching

/// Hashes and inflates an object on the way, and keeps nothing of it but the size.
final class VerifyingReceiver: ContentReceiver {
    /// The size of the plain content.
    private(set) var plainSize: Int64 = 0
    private let hash: ContentHash
    private let compression: ObjectCompression
    private let hasher: IncrementalDigest
    private var inflater: ZlibStream?
    private var inflateProblem: CompressionProblem?

    init(_ hash: ContentHash, compression: ObjectCompression) {
        self.hash = hash
        self.compression = compression
        hasher = IncrementalDigest(hash.algorithm.digestAlgorithm)
    }

    func restart() {
        _ = hasher.finish()
        plainSize = 0
        inflateProblem = nil
        inflater = compression == .zlib ? ZlibStream() : nil
    }

    func receive(_ bytes: UnsafeRawBufferPointer) {
        hasher.update(bytes)
        guard let inflater else {
            plainSize += Int64(bytes.count)
            return
        }
        guard inflateProblem == nil else { return }
        var size: Int64 = 0
        do throws(CompressionProblem) {
            try inflater.inflate(bytes) { (piece) throws(CompressionProblem) in size += Int64(piece.count) }
        } catch {
            inflateProblem = error
        }
        plainSize += size
    }

    /// A wrong hash is named before a stream that cannot be inflated, which would only be its consequence.
    func finish() throws {
        guard ContentHash(algorithm: hash.algorithm, bytes: hasher.finish()) == hash else {
            throw FetchProblem(.corrupt, "the bytes do not have the hash \(hash)")
        }
        if inflateProblem == nil {
            do throws(CompressionProblem) { try inflater?.finish() } catch { inflateProblem = error }
        }
        if let inflateProblem {
            throw FetchProblem(.corrupt, "the object cannot be inflated", cause: inflateProblem)
        }
    }
}
