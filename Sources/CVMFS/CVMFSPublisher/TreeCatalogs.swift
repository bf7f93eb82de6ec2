// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
package import CVMFSFormat
package import Digests
package import FileTree
internal import Foundation

/// A tree that was written as catalogs, ready to be grafted into a repository.
package struct WrittenTree: Sendable {
    /// The catalog of the tree's root.
    package var catalog: CatalogReference
    /// The counters of that catalog and all below it.
    package var total: CatalogCounters.Tally
    /// The row of the root as its parent will have it.
    package var root: CatalogEntry
    /// The paths, below the tree's root, at which nested catalogs begin.
    package var splits: [TreePath]
}

/// Writes a file tree as a catalog and its nested catalogs.
///
/// No file data are read.
package struct TreeCatalogs {
    private let tree: ImageTree
    private let base: TreePath
    private let store: ObjectStore
    private let now: Int64
    private let emptyFile: ContentHash
    private let rows: TreeRows
    private let roots: Set<ImageTree.NodeID>
    private let pathHasher = IncrementalDigest(.md5)

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
        rows = TreeRows(tree: tree, emptyFile: emptyFile)
        roots = splitting.roots(of: tree)
    }

    /// Writes all catalogs, leaves first.
    package func write() throws -> WrittenTree {
        let written = try write(tree.root, at: base)
        return WrittenTree(
            catalog: written.reference,
            total: written.total,
            root: mountpointRow(tree.root, named: base.name),
            splits: roots.map { tree.path(of: $0) }.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        )
    }

    private struct Written {
        var reference: CatalogReference
        var total: CatalogCounters.Tally
    }

    private func write(_ root: ImageTree.NodeID, at path: TreePath) throws -> Written {
        let writer = CatalogWriter(expectedRows: roots.isEmpty ? tree.count : 4096)
        var groups = LinkGroups()
        var subtree = CatalogCounters.Tally()

        var rootRow = rows.entry(root, named: path.name)
        rootRow.flags.insert(.nestedRoot)
        writer.add(
            CatalogRow(key: key(path), parent: key(path.parent), entry: rootRow)
        )
        var pending = [(root, path)]
        while let (directory, directoryPath) = pending.popLast() {
            let parentKey = key(directoryPath)
            for child in entries(of: directory, isRoot: directory == root) {
                let childPath = directoryPath.appending(child.name)
                if let node = child.node, roots.contains(node) {
                    let nested = try write(node, at: childPath)
                    writer.addNested(nested.reference)
                    subtree += nested.total
                    let entry = mountpointRow(node, named: child.name)
                    writer.add(CatalogRow(key: key(childPath), parent: parentKey, entry: entry))
                } else {
                    let (entry, chunks) = fileRow(child, in: directory, groups: &groups)
                    writer.add(
                        CatalogRow(key: key(childPath), parent: parentKey, entry: entry),
                        chunks: chunks
                    )
                    if entry.isDirectory, let node = child.node { pending.append((node, childPath)) }
                }
            }
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
        let hash = try store.putCompressed(bytes, .catalog)
        return Written(
            reference: CatalogReference(path: Self.absolute(path), hash: hash, size: Int64(bytes.count)),
            total: counters.total
        )
    }

    // MARK: Rows

    private struct Child {
        var name: [UInt8]
        /// `nil` for the catalog marker, which is in no layer.
        var node: ImageTree.NodeID?
    }

    /// The entries of a directory sorted by name, with the marker where a catalog begins and the image has no entry of
    /// that name.
    private func entries(of directory: ImageTree.NodeID, isRoot: Bool) -> [Child] {
        var entries = tree.children(of: directory).map { Child(name: tree.name(of: $0), node: $0) }
        if isRoot, tree.child(Self.marker, of: directory) == nil {
            entries.append(Child(name: Self.marker, node: nil))
        }
        return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    private func fileRow(
        _ child: Child,
        in directory: ImageTree.NodeID,
        groups: inout LinkGroups
    ) -> (CatalogEntry, [FileChunk]) {
        guard let node = child.node else { return (markerRow, []) }
        var entry = rows.entry(node, named: child.name)
        let inode = tree.inode(of: node)
        if inode.kind != .directory, inode.kind != .symbolicLink,
            let group = groups.group(of: node, in: directory, of: tree)
        {
            entry.linkGroup = group.number
            entry.linkCount = group.count
        }
        return (entry, rows.chunks(of: node))
    }

    private var markerRow: CatalogEntry {
        CatalogEntry(
            name: Self.marker,
            mode: 0o100644,
            mtime: tree.inode(of: tree.root).metadata.mtime.seconds,
            mtimeNanoseconds: 0,
            flags: .regular(emptyFile.algorithm, .zlib, chunked: false),
            hash: emptyFile
        )
    }

    private func mountpointRow(_ node: ImageTree.NodeID, named name: [UInt8]) -> CatalogEntry {
        var entry = rows.entry(node, named: name)
        entry.flags.insert(.nestedMountpoint)
        return entry
    }

    // MARK: Paths

    private func key(_ path: TreePath) -> PathKey { PathKey(path: Self.absolute(path), with: pathHasher) }

    /// The form of a path in keys and tables: empty for the root, else with a leading slash.
    static func absolute(_ path: TreePath) -> [UInt8] { path.isRoot ? [] : [UInt8(ascii: "/")] + path.bytes }
}
