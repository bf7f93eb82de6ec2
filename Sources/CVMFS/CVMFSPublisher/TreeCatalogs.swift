// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
package import CVMFSFormat
internal import CompressionCodecs
package import Digests
package import FileTree
internal import Foundation
internal import Synchronization

/// A tree that was written as catalogs, ready to be grafted into a repository.
package struct WrittenTree: Sendable {
    /// The catalog of the tree's root.
    package var catalog: CatalogReference
    /// The counters of that catalog and all below it.
    package var total: CatalogCounters.Tally
    /// The row of the root as its parent will have it.
    package var root: CatalogEntry
}

/// Writes a file tree as a catalog and its nested catalogs, as many at once as there are cores.
///
/// No file data are read. Memory beside the tree: the catalogs that are being written.
package struct TreeCatalogs: Sendable {
    // Nobody changes the tree while its catalogs are written.
    nonisolated(unsafe) private let tree: ImageTree
    private let base: TreePath
    private let store: ObjectStore
    private let now: Int64
    private let emptyFile: ContentHash
    private let plan: CatalogSplitting.Plan

    /// The name that makes a directory the root of a catalog.
    package static let marker = Array(".cvmfscatalog".utf8)

    /// - Parameters:
    ///   - tree: the tree; entries that the format cannot say are adapted as `Fidelity` lists them.
    ///   - base: where the tree's root will be in the repository.
    ///   - splitting: how it is split.
    ///   - store: where the catalogs go.
    ///   - emptyFile: the object of the empty file.
    ///   - now: unix seconds.
    package init(
        tree: ImageTree,
        base: TreePath,
        splitting: CatalogSplitting,
        store: ObjectStore,
        emptyFile: ContentHash,
        now: Int64
    ) {
        self.tree = tree
        self.base = base
        self.store = store
        self.emptyFile = emptyFile
        self.now = now
        plan = splitting.plan(of: tree)
    }

    /// Writes all catalogs, leaves first.
    package func write() throws -> WrittenTree {
        let finished = Mutex(Finished())
        // Each catalog names those nested in it, which are on earlier levels.
        for level in plan.levels {
            let next = Mutex(0)
            let threads = min(level.count, max(1, ProcessInfo.processInfo.activeProcessorCount))
            DispatchQueue.concurrentPerform(iterations: threads) { _ in
                let compressor = ObjectCompressor(.compact)
                while let root = Self.take(next, of: level) {
                    let result = Result { try write(root, nested: finished, by: compressor) }
                    finished.withLock { $0.add(result, of: root) }
                }
            }
            if let failure = finished.withLock({ $0.failure }) { throw failure }
        }
        guard let root = finished.withLock({ $0.catalogs[tree.root] }) else {
            throw PublisherProblem(.objectMissing, "the catalog of \(base) was not written")
        }
        return WrittenTree(catalog: root.reference, total: root.total, root: root.mountpoint)
    }

    /// A catalog that is stored.
    struct Written: Sendable {
        var reference: CatalogReference
        var total: CatalogCounters.Tally
        /// The row of its root as the parent has it.
        var mountpoint: CatalogEntry
    }

    /// What the threads have done.
    struct Finished: Sendable {
        var catalogs: [ImageTree.NodeID: Written] = [:]
        var failure: (any Error)?

        mutating func add(_ result: Result<Written, any Error>, of root: ImageTree.NodeID) {
            switch result {
            case .success(let written): catalogs[root] = written
            case .failure(let error): failure = error
            }
        }
    }

    private static func take(_ next: borrowing Mutex<Int>, of level: [ImageTree.NodeID]) -> ImageTree.NodeID?
    {
        next.withLock { index in
            guard index < level.count else { return nil }
            defer { index += 1 }
            return level[index]
        }
    }

    private func write(
        _ root: ImageTree.NodeID,
        nested finished: borrowing Mutex<Finished>,
        by compressor: ObjectCompressor
    ) throws -> Written {
        let path = base.appending(tree.path(of: root))
        var rows = SubtreeRows(tree: tree, roots: plan.roots, emptyFile: emptyFile)
        let writer = CatalogWriter(expectedRows: plan.rows[root] ?? 0)
        var subtree = CatalogCounters.Tally()
        rows.forEach(from: root, at: path) { row, chunks, nested in
            guard let nested else { return writer.add(row, chunks: chunks) }
            guard let catalog = finished.withLock({ $0.catalogs[nested] }) else { return }
            writer.addNested(catalog.reference)
            subtree += catalog.total
            writer.add(CatalogRow(key: row.key, parent: row.parent, entry: catalog.mountpoint))
        }
        let (bytes, counters) = try writer.finish(
            CatalogWriter.Properties(
                rootPrefix: Self.absolute(path),
                revision: 1,
                lastModified: now,
                previousRevision: nil,
                timeToLive: nil
            ),
            subtree: subtree
        )
        let hash = try store.putCompressed(bytes, .catalog, by: compressor)
        return Written(
            reference: CatalogReference(path: Self.absolute(path), hash: hash, size: Int64(bytes.count)),
            total: counters.total,
            mountpoint: rows.mountpoint(root, named: path.name)
        )
    }

    /// The form of a path in keys and tables: empty for the root, else with a leading slash.
    static func absolute(_ path: TreePath) -> [UInt8] { path.isRoot ? [] : [UInt8(ascii: "/")] + path.bytes }
}
