// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
package import CVMFSFormat
internal import CompressionCodecs
package import Digests
internal import Foundation
internal import Problems

/// Every object that the roots of a repository need.
///
/// The hashes go into 256 files, by their first byte, as the objects are in 256 directories: a sweep that goes directory by
/// directory has one of them in memory at a time. Memory: 2 MiB of buffers, one 256th of the distinct hashes, and 40 bytes
/// for each catalog. Each catalog is read once, however many revisions share it.
/// - Source: cvmfs-format F.2; digests are compared without algorithm and suffix, which may keep more than is needed.
package final class RepositoryMark {
    private let objects: ObjectStore
    private let directory: String
    private var buffers = [[UInt8]](repeating: [], count: 256)
    private var seen: Set<ContentHash> = []
    /// How many references were followed.
    package private(set) var references: Int64 = 0

    private static let hashSize = 20
    private static let bufferLimit = 8 << 10

    /// Works in a directory of its own, which is made, and removed with the mark.
    package init(objects: ObjectStore, scratch: String) throws {
        self.objects = objects
        directory = "\(scratch)/mark-\(UUID().uuidString.lowercased())"
        try FileAccess.makeDirectory(directory, mode: 0o700)
    }

    deinit {
        // What stays is removed when the server starts.
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Adds everything that a revision needs, with the named snapshots of its history.
    ///
    /// - Parameters:
    ///   - manifest: of the revision.
    ///   - onCatalog: called after each catalog; what it throws ends the mark.
    /// - Throws: `objectMissing` if a catalog is not there, for then nothing is known of what it needs.
    package func add(_ manifest: PublishedManifest, onCatalog: () throws -> Void) throws {
        // The publisher has the empty file at hand without looking whether it is there.
        for profile in CompressionProfile.allCases {
            try add(ContentHash(objects.algorithm, of: ObjectCompressor(profile).compress([])))
        }
        for hash in [manifest.history, manifest.certificate, manifest.metainfo].compactMap({ $0 }) {
            try add(hash)
        }
        try addCatalog(manifest.rootCatalog, onCatalog)
        guard let history = manifest.history else { return }
        let contents = try objects.withDatabase(history, .history) { try HistoryDatabase.read(path: $0) }
        for snapshot in contents.snapshots {
            try addCatalog(snapshot.rootCatalog, onCatalog)
        }
    }

    /// Adds one object.
    package func add(_ hash: ContentHash) throws {
        let bytes = hash.bytes
        references += 1
        let bucket = Int(bytes[0])
        buffers[bucket] += bytes
        if buffers[bucket].count >= Self.bufferLimit { try flush(bucket) }
    }

    /// The marked hashes that begin with a byte.
    package func bucket(_ first: UInt8) throws -> MarkedHashes {
        try flush(Int(first))
        let path = path(Int(first))
        return MarkedHashes(FileAccess.size(of: path) == nil ? [] : try FileAccess.read(path))
    }

    private func addCatalog(_ root: ContentHash, _ onCatalog: () throws -> Void) throws {
        var pending = [root]
        while let hash = pending.popLast() {
            guard seen.insert(hash).inserted else { continue }
            try add(hash)
            let catalog = try objects.catalog(hash)
            try catalog.forEachRow { row in if let content = row.entry.hash { try self.add(content) } }
            try catalog.forEachChunk { _, _, _, bytes in
                guard let chunk = ContentHash(algorithm: self.objects.algorithm, bytes: bytes) else {
                    throw PublisherProblem(.objectCorrupt, "the catalog \(hash) has a chunk without a hash")
                }
                try self.add(chunk)
            }
            pending += try (catalog.nestedCatalogs() + catalog.bindMountpoints()).map(\.hash)
            try onCatalog()
        }
    }

    private func path(_ bucket: Int) -> String { "\(directory)/\(bucket)" }

    private func flush(_ bucket: Int) throws {
        guard !buffers[bucket].isEmpty else { return }
        let path = path(bucket)
        guard let file = fopen(path, "ae") else { throw SystemCallProblem("create", path) }
        defer { fclose(file) }
        let bytes = buffers[bucket]
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else {
            throw SystemCallProblem("write", path)
        }
        buffers[bucket] = []
    }
}

/// Hashes that are in use.
package struct MarkedHashes {
    private var hashes: Set<ContentHash> = []

    /// Takes them apart from where they lie one after the other.
    init(_ bytes: [UInt8]) {
        for start in stride(from: 0, to: bytes.count - 19, by: 20) {
            // The algorithm is not looked at, so any will do.
            if let hash = ContentHash(algorithm: .sha1, bytes: bytes[start..<start + 20]) {
                hashes.insert(hash)
            }
        }
    }

    /// Whether a hash is among them, whatever its algorithm.
    package func contains(_ hash: ContentHash) -> Bool {
        ContentHash(algorithm: .sha1, bytes: hash.bytes).map { hashes.contains($0) } ?? true
    }
}
