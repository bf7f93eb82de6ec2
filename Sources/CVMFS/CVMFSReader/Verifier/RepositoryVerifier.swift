// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
internal import Digests
package import ObjectCache

/// Verifies a whole revision of a repository and names every fault.
///
/// Calls block their thread. Memory: one directory of one catalog, and a set of the objects' hashes.
/// - Source: cvmfs-format C.19, I.3.
package struct RepositoryVerifier {
    /// What is verified, and how deeply.
    package struct Options: Sendable {
        /// Whether the bytes of every object are hashed and inflated.
        package var hashesObjects: Bool
        /// The repository's root if it is on this machine: then all files of `data/` are looked at.
        package var directory: String?
        /// A directory for scratch files.
        package var scratch: String

        /// Chooses.
        package init(hashesObjects: Bool, directory: String?, scratch: String) {
            self.hashesObjects = hashesObjects
            self.directory = directory
            self.scratch = scratch
        }
    }

    /// What was verified.
    package struct Summary: Sendable, Equatable {
        /// What the manifest says; `nil` if it cannot be read.
        package var revision: UInt64?
        package var catalogs = 0
        package var entries: Int64 = 0
        /// The objects that the revision refers to.
        package var objects = 0
        package var faults = 0
    }

    private let repository: RepositoryFQRN
    private let source: any RepositorySource
    private let keys: MasterKeys
    private let objects: ObjectFetcher
    private let now: Int64
    private let options: Options

    /// Joins what is needed.
    ///
    /// - Parameters:
    ///   - repository: the name that the signed files must bear.
    ///   - source: delivers the files.
    ///   - keys: the master keys.
    ///   - cache: receives the catalogs, which should be no older than this verification.
    ///   - now: unix seconds.
    ///   - options: what is verified.
    package init(
        repository: RepositoryFQRN,
        source: any RepositorySource,
        keys: MasterKeys,
        cache: ObjectCache,
        now: Int64,
        options: Options
    ) {
        self.repository = repository
        self.source = source
        self.keys = keys
        self.now = now
        self.options = options
        objects = ObjectFetcher(source: source, external: nil, cache: cache)
    }

    /// Verifies the newest revision.
    ///
    /// - Parameters:
    ///   - onProgress: told the number of catalogs and of entries after each catalog.
    ///   - onFault: told each fault as it is found.
    /// - Returns: what was verified.
    package func run(
        onProgress: @escaping (Int, Int64) -> Void = { _, _ in },
        onFault: @escaping (RepositoryFault) -> Void
    ) -> Summary {
        let sink = FaultSink(onFault)
        let depth: ObjectInventory.Depth = options.hashesObjects ? .content : .presence
        let inventory = ObjectInventory(source, depth: depth, sink: sink)
        var summary = Summary()
        let trust = TrustCheck(source: source, repository: repository, keys: keys, now: now, sink: sink)
        if let manifest = trust.manifest(certificate: { hash throws(ReaderProblem) in try certificate(hash) })
        {
            summary.revision = manifest.revision
            expectRoots(of: manifest, in: inventory)
            ReflogCheck(source: source, scratch: options.scratch, sink: sink).run(manifest)
            HistoryCheck(objects: objects, inventory: inventory, repository: repository, sink: sink).run(
                manifest
            )
            let tree = CatalogTreeCheck(
                objects: objects,
                inventory: inventory,
                sink: sink,
                onProgress: onProgress
            )
            tree.run(manifest)
            (summary.catalogs, summary.entries) = (tree.catalogCount, tree.rowCount)
        }
        inventory.flush()
        summary.objects = inventory.count
        if let directory = options.directory {
            ObjectDirectoryCheck(root: directory, sink: sink).run { hash, kind in
                guard options.hashesObjects, !inventory.contains(hash, kind) else { return }
                // Superseded objects are served as well, and nothing says how these are compressed.
                let path = Array(hash.objectPath(kind).utf8)
                inventory.expectBytes(of: hash, kind, at: path)
            }
            inventory.flush()
        }
        summary.faults = sink.count
        return summary
    }

    private func certificate(_ hash: ContentHash) throws(ReaderProblem) -> [UInt8] {
        let object = try objects.object(.init(hash, .certificate))
        return try object.bytes(limit: 64 << 10)
    }

    private func expectRoots(of manifest: PublishedManifest, in inventory: ObjectInventory) {
        let path = Array(".cvmfspublished".utf8)
        if let certificate = manifest.certificate {
            inventory.expect(.init(certificate, .certificate), at: path)
        }
        if let metainfo = manifest.metainfo { inventory.expect(.init(metainfo, .metainfo), at: path) }
    }
}
