// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import CVMFSPublisher
internal import CompressionCodecs
package import FileTree
package import LayerUnpacking
internal import TarArchive

/// Publishes the content of a tar archive below a directory of a repository.
///
/// Additive, as librarians know it: a directory that exists stays as it is, everything else of the same path is replaced;
/// deletions come first; missing directories on the way are made. Owners, times and attributes are those of the archive.
/// Compressed archives are read as they are.
package struct TarballIngest {
    private let publisher: RepositoryPublisher
    private let limits: LayerLimits

    package init(publisher: RepositoryPublisher, limits: LayerLimits = LayerLimits()) {
        self.publisher = publisher
        self.limits = limits
    }

    /// Publishes one revision.
    ///
    /// - Parameters:
    ///   - archive: fills a buffer and returns the number of bytes, 0 at the end; `nil` to delete only.
    ///   - base: the directory that takes the archive's root.
    ///   - deletions: paths from the repository's root, which need not exist.
    ///   - now: unix seconds.
    /// - Returns: the revision that shows it.
    /// - Throws: what the archive, the disk and the database throw; then nothing is published.
    package func publish(
        _ archive: ((UnsafeMutableRawBufferPointer) throws -> Int)?,
        at base: TreePath,
        deleting deletions: [TreePath],
        now: Int64
    ) throws -> UInt64 {
        let tree = try archive.map { try read($0) }
        if let tree, tree.inode(of: tree.root).isImplied {
            // An archive without an entry for its root says nothing of the directory that it goes to.
            var root = tree.inode(of: tree.root)
            root.metadata.mtime = ModificationTime(seconds: now)
            tree.setInode(of: tree.root, to: root)
        }
        let editor = try publisher.edit(now: now)
        for path in deletions { try editor.remove(path) }
        if let tree {
            if !base.isRoot, try editor.entry(at: base) == nil {
                try editor.makeDirectory(base.parent)
                try editor.graft(try publisher.write(tree, at: base, now: now), at: base)
            } else {
                let rows = TreeRows(tree: tree, emptyFile: publisher.emptyFileObject)
                try merge(tree.root, of: tree, rows: rows, at: base, into: editor)
            }
        }
        return try publisher.commit(editor).revision
    }

    private func read(_ archive: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) throws -> ImageTree
    {
        let tree = ImageTree()
        var merge = LayerMerge(into: tree)
        let reader = DecompressingReader(archive)
        try TarContents(publisher: publisher, limits: limits, isStopping: { false })
            .read(TarReader { try reader.read(into: $0) }, whiteouts: .ordinary) {
                try merge.applyAddition($0)
            }
        return tree
    }

    private func merge(
        _ directory: ImageTree.NodeID,
        of tree: ImageTree,
        rows: TreeRows,
        at path: TreePath,
        into editor: CatalogEditor
    ) throws {
        let children = tree.children(of: directory).map { (name: tree.name(of: $0), node: $0) }
        for child in children.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            let childPath = path.appending(child.name)
            guard tree.inode(of: child.node).kind == .directory else {
                try editor.put(
                    rows.entry(child.node, named: child.name),
                    at: childPath,
                    chunks: rows.chunks(of: child.node)
                )
                continue
            }
            if try editor.entry(at: childPath)?.isDirectory != true {
                try editor.remove(childPath)
                try editor.makeDirectory(childPath)
                try editor.updateDirectory(rows.entry(child.node, named: child.name), at: childPath)
            }
            try merge(child.node, of: tree, rows: rows, at: childPath, into: editor)
        }
    }
}
