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
            try tree.setInode(of: tree.root, to: root)
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
        let pipeline = ContentPipeline()
        defer { pipeline.close() }
        let contents = TarContents(
            store: publisher.contents,
            pipeline: pipeline,
            limits: limits,
            sizing: ChunkSizing(),
            isStopping: { false }
        )
        try contents.read(TarReader { try reader.read(into: $0) }, whiteouts: .ordinary) {
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
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
        let groups = try linkGroups(of: children.map(\.node), of: tree, at: path, in: editor)
        // All rows of this directory are there before those below it ask which groups are free.
        for child in children where tree.kind(of: child.node) != .directory {
            var row = rows.entry(child.node, named: child.name)
            if let group = groups[tree.inodeNumber(of: child.node)] {
                (row.linkGroup, row.linkCount) = (group.number, group.count)
            }
            try editor.put(row, at: path.appending(child.name), chunks: rows.chunks(of: child.node))
        }
        for child in children where tree.kind(of: child.node) == .directory {
            let childPath = path.appending(child.name)
            if try editor.entry(at: childPath)?.isDirectory != true {
                try editor.remove(childPath)
                try editor.makeDirectory(childPath)
                try editor.updateDirectory(rows.entry(child.node, named: child.name), at: childPath)
            }
            try merge(child.node, of: tree, rows: rows, at: childPath, into: editor)
        }
    }

    /// The hard link groups that the archive has in one directory, by inode; their numbers are free in its catalog.
    private func linkGroups(
        of nodes: [ImageTree.NodeID],
        of tree: ImageTree,
        at path: TreePath,
        in editor: CatalogEditor
    ) throws -> [Int: (number: UInt32, count: UInt32)] {
        var names: [Int: UInt32] = [:]
        for node in nodes where ![.directory, .symbolicLink].contains(tree.inode(of: node).kind) {
            names[tree.inodeNumber(of: node), default: 0] += 1
        }
        let shared = names.filter { $0.value > 1 }
        guard !shared.isEmpty else { return [:] }
        let first = try editor.firstFreeLinkGroup(in: path)
        guard first > 0, UInt32.max - first >= UInt32(clamping: shared.count) else { return [:] }
        // In the order of inodes, so that the same archive gives the same numbers.
        return Dictionary(
            uniqueKeysWithValues: shared.sorted { $0.key < $1.key }.enumerated()
                .map { ($1.key, (number: first + UInt32(clamping: $0), count: $1.value)) }
        )
    }
}
