// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CompressionCodecs
internal import Digests
internal import LayerUnpacking

/// The tar stream of a layer, hashed on both sides of the decompressor.
final class VerifiedLayerStream {
    private let blob: OCIDigest
    private let expected: OCIDigest?
    private let blobHasher: IncrementalDigest
    private let diffHasher: IncrementalDigest
    private let reader: DecompressingReader
    private let limit: Int64

    /// Without an expected diff id, whatever the stream has is right.
    init(
        blob: OCIDigest,
        expecting expected: OCIDigest?,
        source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int,
        limit: Int64
    ) {
        self.blob = blob
        self.expected = expected
        self.limit = limit
        let hasher = IncrementalDigest(blob.algorithm)
        blobHasher = hasher
        diffHasher = IncrementalDigest(expected?.algorithm ?? .sha256)
        reader = DecompressingReader { buffer in
            let count = try source(buffer)
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            return count
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try reader.read(into: buffer)
        diffHasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        guard diffHasher.byteCount <= limit else {
            throw LayerProblem(.tooLarge, "the layer \(blob) expands to more than \(limit) bytes")
        }
        return count
    }

    /// Reads what follows the archive, compares both digests and returns the diff id.
    func finish() throws -> OCIDigest {
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
            while try read(into: buffer) > 0 {}
        }
        let actualBlob = OCIDigest(algorithm: blob.algorithm, bytes: blobHasher.finish())
        guard actualBlob == blob else {
            throw LayerProblem(.wrongDigest, "the blob \(blob) has the digest \(actualBlob)")
        }
        let diffID = OCIDigest(algorithm: expected?.algorithm ?? .sha256, bytes: diffHasher.finish())
        guard expected == nil || expected == diffID else {
            throw LayerProblem(
                .wrongDiffID,
                "the layer \(blob) has the diff id \(diffID), but the image's config says \(expected ?? diffID)"
            )
        }
        return diffID
    }
}
