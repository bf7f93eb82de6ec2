// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSPublisher
internal import CompressionCodecs
package import Digests
internal import FileTree
internal import Foundation
package import LayerUnpacking
internal import Problems
internal import TarArchive

/// Reads a layer once and leaves its index and its files' objects in a repository.
///
/// One streaming pass: decompress, hash, parse, and hand file contents to the pipeline, which looks them up, compresses
/// and stores what is new. Blob digest and diff id are verified on the way; nothing counts before both are right. Nothing
/// is ever unpacked onto the host. Memory: the pipeline's bound and 4,096 waiting records.
package struct LayerIngest {
    private let publisher: RepositoryPublisher
    private let limits: LayerLimits
    private let isStopping: @Sendable () -> Bool

    /// - Parameters:
    ///   - publisher: the repository.
    ///   - limits: what a layer may hold.
    ///   - isStopping: asked between members; a true answer ends the work with `stopped`.
    package init(
        publisher: RepositoryPublisher,
        limits: LayerLimits = LayerLimits(),
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) {
        self.publisher = publisher
        self.limits = limits
        self.isStopping = isStopping
    }

    /// Whether an error lies in a layer, so that reading it again is of no use.
    static func isFaultOfLayer(_ error: any Error) -> Bool {
        error is TarProblem || error is CompressionProblem || error is TreeProblem
    }

    /// Makes sure that a layer's index is there.
    ///
    /// A layer that was ingested before is not read again, provided that this very blob was seen to hold it; another blob
    /// with the same diff id is read once to verify that it does.
    /// - Parameters:
    ///   - blob: the digest of the layer's blob.
    ///   - diffID: the digest of the tar stream that the config states.
    ///   - source: opens the blob.
    /// - Returns: whether the layer was read.
    /// - Throws: `LayerProblem`, `TarProblem`, `CompressionProblem`, and what storage throws.
    @discardableResult
    package func ingest(
        blob: OCIDigest,
        diffID: OCIDigest,
        source: () throws -> (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> Bool {
        let index = publisher.location.layerIndex(diffID)
        let proof = "\(publisher.location.layers)/\(blob.algorithm.rawValue)-\(blob.encoded).diff-id"
        // A proof that cannot be read is made again.
        let isProven = (try? String(contentsOfFile: proof, encoding: .utf8)) == diffID.description
        if isProven, access(index, R_OK) == 0 { return false }
        let writer = try LayerIndexWriter(path: index)
        try read(blob: blob, diffID: diffID, from: try source(), into: writer)
        try publisher.contents.flush()
        try writer.finish()
        try Data(diffID.description.utf8).write(to: URL(fileURLWithPath: proof), options: .atomic)
        return true
    }

    private func read(
        blob: OCIDigest,
        diffID: OCIDigest,
        from source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int,
        into writer: LayerIndexWriter
    ) throws {
        let stream = VerifiedLayerStream(
            blob: blob,
            diffID: diffID,
            source: source,
            limit: limits.expandedSize
        )
        try TarContents(publisher: publisher, limits: limits, isStopping: isStopping)
            .read(TarReader { try stream.read(into: $0) }, whiteouts: .interpreted) { try writer.add($0) }
        try stream.finish()
    }
}
