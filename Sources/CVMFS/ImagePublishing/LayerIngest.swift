// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
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
/// is ever unpacked onto the host. Several layers may be read at once, each on a thread of its own. Memory for each: one
/// content of at most a chunk, the decompressor, and 4,096 waiting records; the pipeline's bound comes once.
package struct LayerIngest: Sendable {
    private let store: ContentStore
    private let pipeline: ContentPipeline
    private let limits: LayerLimits
    private let sizing: ChunkSizing
    private let isStopping: @Sendable () -> Bool

    /// - Parameters:
    ///   - store: the repository's contents.
    ///   - pipeline: where contents are compressed.
    ///   - limits: what a layer may hold.
    ///   - sizing: how large files are cut.
    ///   - isStopping: asked between members; a true answer ends the work with `stopped`.
    package init(
        store: ContentStore,
        pipeline: ContentPipeline,
        limits: LayerLimits = LayerLimits(),
        sizing: ChunkSizing = ChunkSizing(),
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) {
        self.store = store
        self.pipeline = pipeline
        self.limits = limits
        self.sizing = sizing
        self.isStopping = isStopping
    }

    /// Whether an error lies in a layer, so that reading it again is of no use.
    static func isFaultOfLayer(_ error: any Error) -> Bool {
        error is TarProblem || error is CompressionProblem || error is TreeProblem
    }

    /// The name of the repository whose objects are made.
    var repository: String { store.location.name.name }

    /// Whether this very blob was seen to hold the layer of a diff id, and its index is there; it then stays for a grace.
    package func isIngested(blob: OCIDigest, diffID: OCIDigest) throws -> Bool {
        guard knownDiffID(of: blob) == diffID.description,
            try store.mayUse(layerFile: RepositoryLocation.layerIndexName(diffID))
        else { return false }
        return access(store.location.layerIndex(diffID), R_OK) == 0
    }

    /// Makes sure that a layer's index is there.
    ///
    /// A layer that was ingested before is not read again, provided that this very blob was seen to hold it; another blob
    /// with the same diff id is read once to verify that it does.
    /// - Parameters:
    ///   - blob: the digest of the layer's blob.
    ///   - diffID: the digest of the tar stream that the config states; `nil` while no config is known.
    ///   - source: opens the blob.
    /// - Returns: whether the layer was read.
    /// - Throws: `LayerProblem`, `TarProblem`, `CompressionProblem`, and what storage throws.
    @discardableResult
    package func ingest(
        blob: OCIDigest,
        diffID: OCIDigest?,
        source: () throws -> (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> Bool {
        let known = knownDiffID(of: blob)
        if let known = (diffID?.description ?? known).flatMap({ OCIDigest($0) }),
            try isIngested(blob: blob, diffID: known)
        {
            return false
        }
        for _ in 0..<Self.attempts {
            let before = try store.losses()
            let writer = try LayerIndexWriter(directory: store.location.layers)
            let found = try read(blob: blob, diffID: diffID, from: try source(), into: writer)
            try store.flush()
            // A content that was found may have been garbage that went meanwhile; from here on what was found stays, until
            // the index holds it.
            guard try store.losses() == before else { continue }
            for name in [RepositoryLocation.layerIndexName(found), proofName(of: blob)] {
                try store.hold(layerFile: name)
            }
            try writer.finish(as: store.location.layerIndex(found))
            try Data(found.description.utf8).write(
                to: URL(fileURLWithPath: proof(of: blob)),
                options: .atomic
            )
            return true
        }
        throw PublisherProblem(
            .collected,
            "what the layer \(blob) found was collected each time it was read",
            remedy: "make gc.objectGrace longer than the ingest of a layer takes"
        )
    }

    /// Losing something once is rare already.
    private static let attempts = 3

    /// Where it is noted which diff id a blob was seen to have.
    private func proof(of blob: OCIDigest) -> String { "\(store.location.layers)/\(proofName(of: blob))" }

    private func proofName(of blob: OCIDigest) -> String {
        "\(blob.algorithm.rawValue)-\(blob.encoded).diff-id"
    }

    private func knownDiffID(of blob: OCIDigest) -> String? {
        // A proof that cannot be read is made again.
        try? String(contentsOfFile: proof(of: blob), encoding: .utf8)
    }

    private func read(
        blob: OCIDigest,
        diffID: OCIDigest?,
        from source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int,
        into writer: LayerIndexWriter
    ) throws -> OCIDigest {
        let stream = VerifiedLayerStream(
            blob: blob,
            expecting: diffID,
            source: source,
            limit: limits.expandedSize
        )
        let contents = TarContents(
            store: store,
            pipeline: pipeline,
            limits: limits,
            sizing: sizing,
            isStopping: isStopping
        )
        try contents.read(TarReader { try stream.read(into: $0) }, whiteouts: .interpreted) {
            try writer.add($0)
        }
        return try stream.finish()
    }
}
