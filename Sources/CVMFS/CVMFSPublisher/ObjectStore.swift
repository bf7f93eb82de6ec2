// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSCatalog
internal import CVMFSFormat
package import CompressionCodecs
package import Digests
internal import Foundation
package import MetadataStore
internal import Problems

/// The content-addressed objects of one repository on disk.
///
/// Safe to use from several threads. Objects become durable together, by `sync()`: a sync for each of a hundred thousand
/// small files would take most of an ingest's time.
/// - Source: cvmfs-format A.
package final class ObjectStore: Sendable {
    package let location: RepositoryLocation
    /// The algorithm of new names.
    package let algorithm: ContentHashAlgorithm
    /// Told of objects that are to be relied on though they were there before; `nil` for those who only read.
    private let use: (any CollectableUse)?

    package init(
        location: RepositoryLocation,
        algorithm: ContentHashAlgorithm,
        use: (any CollectableUse)? = nil
    ) {
        self.location = location
        self.algorithm = algorithm
        self.use = use
    }

    /// Stores bytes under their hash; an object that is there already is left alone.
    ///
    /// - Returns: the hash, and whether a new file was written.
    @discardableResult
    package func put(_ bytes: [UInt8], _ kind: ObjectKind) throws -> (hash: ContentHash, isNew: Bool) {
        let hash = ContentHash(algorithm, of: bytes)
        let path = path(hash, kind)
        // A crash of the machine can leave an empty file under a good name: it is written again.
        if FileAccess.size(of: path) == Int64(bytes.count) {
            // It may be garbage that is about to go; after this it is not, or has gone.
            try use?.hold(.object(hash, kind), in: location.name.name)
            if FileAccess.size(of: path) == Int64(bytes.count) { return (hash, false) }
        }
        try FileAccess.replace(path, with: bytes, by: location.scratchFile("object"), isSynced: false)
        return (hash, true)
    }

    /// Compresses with zlib's own level 6 and stores: for catalogs and the like, which every client inflates.
    ///
    /// A caller that stores many keeps a compressor of the profile `compact`.
    package func putCompressed(
        _ plain: [UInt8],
        _ kind: ObjectKind,
        by compressor: ObjectCompressor? = nil
    ) throws -> ContentHash {
        try put((compressor ?? ObjectCompressor(.compact)).compress(plain), kind).hash
    }

    /// Compresses and stores a finished file, which is removed.
    package func putFile(_ path: String, _ kind: ObjectKind) throws -> (hash: ContentHash, size: Int64) {
        let plain = try FileAccess.read(path)
        unlink(path)
        return (try putCompressed(plain, kind), Int64(plain.count))
    }

    /// Whether an object is there.
    package func contains(_ hash: ContentHash, _ kind: ObjectKind) -> Bool {
        FileAccess.size(of: path(hash, kind)) != nil
    }

    /// Reads, verifies and inflates an object.
    ///
    /// `limit` is the largest plain size that is accepted.
    package func read(_ hash: ContentHash, _ kind: ObjectKind, limit: Int = 1 << 30) throws -> [UInt8] {
        let stored: [UInt8]
        do {
            stored = try FileAccess.read(path(hash, kind))
        } catch {
            throw PublisherProblem(
                .objectMissing,
                "the object \(hash.objectPath(kind)) cannot be read",
                cause: error
            )
        }
        guard ContentHash(hash.algorithm, of: stored) == hash else {
            throw PublisherProblem(
                .objectCorrupt,
                "the object \(hash.objectPath(kind)) of \(location.name) does not have its hash",
                remedy: "restore it from a replica"
            )
        }
        return try stored.withUnsafeBytes { try ZlibInflater.inflate($0, limit: limit) }
    }

    /// Opens a database object through a scratch file, which is removed at once: it lives as long as it is open.
    package func withDatabase<Result>(
        _ hash: ContentHash,
        _ kind: ObjectKind,
        _ body: (String) throws -> Result
    ) throws -> Result {
        let path = location.scratchFile("database")
        try FileAccess.replace(path, with: read(hash, kind), by: path + ".part", isSynced: false)
        defer { unlink(path) }
        return try body(path)
    }

    /// Opens a catalog.
    package func catalog(_ hash: ContentHash) throws -> CatalogReader {
        try withDatabase(hash, .catalog) { try CatalogReader(path: $0) }
    }

    /// Makes everything that was stored durable.
    package func sync() throws { try FileAccess.syncFileSystem(of: location.served) }

    private func path(_ hash: ContentHash, _ kind: ObjectKind) -> String {
        location.served + "/" + hash.objectPath(kind)
    }
}
