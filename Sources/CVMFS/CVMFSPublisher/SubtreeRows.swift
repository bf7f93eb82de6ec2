// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import Digests
internal import FileTree

/// The rows of one catalog of a tree, directory by directory, siblings next to each other and sorted by name.
struct SubtreeRows {
    private let tree: ImageTree
    private let roots: Set<ImageTree.NodeID>
    private let emptyFile: ContentHash
    private let rows: TreeRows
    private let hasher = IncrementalDigest(.md5)
    private var groups = LinkGroups()

    /// - Parameters:
    ///   - tree: the whole tree.
    ///   - roots: where nested catalogs begin.
    ///   - emptyFile: the object of the empty file.
    init(tree: ImageTree, roots: Set<ImageTree.NodeID>, emptyFile: ContentHash) {
        self.tree = tree
        self.roots = roots
        self.emptyFile = emptyFile
        rows = TreeRows(tree: tree, emptyFile: emptyFile)
    }

    /// Calls `body` for each row, the root's first; for the root of a nested catalog with its directory.
    ///
    /// - Parameters:
    ///   - root: the directory where the catalog begins.
    ///   - path: its path in the repository.
    ///   - body: takes the row, the chunks of a chunked file, and the nested catalog's directory.
    mutating func forEach(
        from root: ImageTree.NodeID,
        at path: TreePath,
        _ body: (CatalogRow, [FileChunk], ImageTree.NodeID?) -> Void
    ) {
        var entry = rows.entry(root, named: path.name)
        entry.flags.insert(.nestedRoot)
        let key = PathKey(path: TreeCatalogs.absolute(path), with: hasher)
        let parent = PathKey(path: TreeCatalogs.absolute(path.parent), with: hasher)
        body(CatalogRow(key: key, parent: parent, entry: entry), [], nil)
        var pending = [(root, TreeCatalogs.absolute(path), key)]
        while let (directory, path, parent) = pending.popLast() {
            let prefix = path + [UInt8(ascii: "/")]
            for child in children(of: directory, isRoot: directory == root) {
                let key = PathKey(name: child.name, in: prefix, with: hasher)
                if let node = child.node, roots.contains(node) {
                    // The parent's side of the transition is made with the nested catalog.
                    let entry = CatalogEntry(name: child.name, mode: 0, flags: .directory)
                    body(CatalogRow(key: key, parent: parent, entry: entry), [], node)
                    continue
                }
                let (entry, chunks) = row(of: child, in: directory)
                body(CatalogRow(key: key, parent: parent, entry: entry), chunks, nil)
                if entry.isDirectory, let node = child.node {
                    pending.append((node, prefix + child.name, key))
                }
            }
        }
    }

    /// The row of a catalog's root as its parent has it.
    func mountpoint(_ node: ImageTree.NodeID, named name: [UInt8]) -> CatalogEntry {
        var entry = rows.entry(node, named: name)
        entry.flags.insert(.nestedMountpoint)
        return entry
    }

    private struct Child {
        var name: [UInt8]
        /// `nil` for the catalog marker, which is in no layer.
        var node: ImageTree.NodeID?
    }

    /// The entries of a directory, with the marker where a catalog begins and the image has no entry of that name.
    private func children(of directory: ImageTree.NodeID, isRoot: Bool) -> [Child] {
        var children = tree.children(of: directory).map { Child(name: tree.name(of: $0), node: $0) }
        if isRoot, tree.child(TreeCatalogs.marker, of: directory) == nil {
            children.append(Child(name: TreeCatalogs.marker, node: nil))
        }
        return children.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    private mutating func row(
        of child: Child,
        in directory: ImageTree.NodeID
    ) -> (CatalogEntry, [FileChunk]) {
        guard let node = child.node else { return (marker, []) }
        var entry = rows.entry(node, named: child.name)
        let kind = tree.kind(of: node)
        if tree.hasHardLinks, kind != .directory, kind != .symbolicLink,
            let group = groups.group(of: node, in: directory, of: tree)
        {
            entry.linkGroup = group.number
            entry.linkCount = group.count
        }
        return (entry, kind == .regular ? rows.chunks(of: node) : [])
    }

    private var marker: CatalogEntry {
        CatalogEntry(
            name: TreeCatalogs.marker,
            mode: 0o100644,
            mtime: tree.inode(of: tree.root).metadata.mtime.seconds,
            mtimeNanoseconds: 0,
            flags: .regular(emptyFile.algorithm, .zlib, chunked: false),
            hash: emptyFile
        )
    }
}
