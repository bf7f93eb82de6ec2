// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import CVMFSPublisher
internal import Digests
package import FileTree

/// Compares what an image's layers say with what the repository shows, entry by entry and attribute by attribute.
///
/// Nothing is taken from the publisher's own records: the tree is merged anew and the catalogs are read.
package struct ImageDifference {
    private let tree: ImageTree
    private let published: PublishedTree
    private let base: TreePath
    private let namesOfInode: [Int: [TreePath]]

    /// - Parameters:
    ///   - tree: the image's tree as its layers give it.
    ///   - published: a revision.
    ///   - base: where the revision shows the image.
    package init(tree: ImageTree, published: PublishedTree, base: TreePath) {
        self.tree = tree
        self.published = published
        self.base = base
        var names: [Int: [TreePath]] = [:]
        var pending = [tree.root]
        while let node = pending.popLast() {
            if tree.inode(of: node).kind == .directory {
                pending += tree.children(of: node)
            } else {
                names[tree.inodeNumber(of: node), default: []].append(tree.path(of: node))
            }
        }
        namesOfInode = names.filter { $0.value.count > 1 }
    }

    /// One line for each difference, in the order of paths: `added`, `missing` or `changed`.
    package func lines() throws -> [String] {
        var lines: [String] = []
        guard let row = try published.entry(at: base) else {
            return ["missing /"]
        }
        lines += difference(tree.root, row, at: .root).map { "changed /: \($0)" }
        try compare(tree.root, at: .root, into: &lines)
        return lines
    }

    private func compare(_ directory: ImageTree.NodeID, at path: TreePath, into lines: inout [String]) throws
    {
        var rows = Dictionary(
            try published.children(of: base.appending(path)).map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let nodes = Dictionary(
            tree.children(of: directory).map { (tree.name(of: $0), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let names = Set(rows.keys).union(nodes.keys).sorted { $0.lexicographicallyPrecedes($1) }
        for name in names {
            let child = path.appending(name)
            let row = rows.removeValue(forKey: name)
            switch (nodes[name], row) {
            case (let node?, let row?):
                let attributes =
                    try difference(node, row, at: child) + contentDifference(node, row, at: child)
                if !attributes.isEmpty {
                    lines.append("changed \(child): \(attributes.joined(separator: ", "))")
                }
                if tree.inode(of: node).kind == .directory, row.isDirectory {
                    try compare(node, at: child, into: &lines)
                }
            case (_?, nil): lines.append("missing \(child)")
            case (nil, let row?):
                lines.append("added \(child)")
                if row.isDirectory { try listAdded(child, into: &lines) }
            case (nil, nil): break
            }
        }
    }

    private func listAdded(_ directory: TreePath, into lines: inout [String]) throws {
        for row in try published.children(of: base.appending(directory)) {
            let path = directory.appending(row.name)
            lines.append("added \(path)")
            if row.isDirectory { try listAdded(path, into: &lines) }
        }
    }

    // MARK: Attributes

    private func difference(_ node: ImageTree.NodeID, _ row: CatalogEntry, at path: TreePath) -> [String] {
        let inode = tree.inode(of: node)
        var found: [String] = []
        func check<Value: Equatable>(_ what: String, _ wanted: Value, _ shown: Value) {
            if wanted != shown { found.append("\(what) \(wanted) -> \(shown)") }
        }
        check("type", "\(inode.kind)", row.kindName)
        if !inode.isImplied {
            if inode.kind != .symbolicLink {
                let wanted = String(inode.metadata.permissions, radix: 8)
                check("mode", wanted, String(row.mode & 0o7777, radix: 8))
            }
            check("mtime", "\(inode.metadata.mtime.text)", row.mtimeText)
        }
        check("uid", inode.metadata.uid, row.uid)
        check("gid", inode.metadata.gid, row.gid)
        check("link", TreePath.printable(inode.linkTarget), TreePath.printable(row.linkTarget))
        if inode.kind == .characterDevice || inode.kind == .blockDevice {
            check("device", DeviceNumber.encode(major: inode.deviceMajor, minor: inode.deviceMinor), row.size)
        }
        return found + attributeDifference(inode, row) + linkDifference(node, row, at: path)
    }

    private func attributeDifference(_ inode: ImageTree.Inode, _ row: CatalogEntry) -> [String] {
        let shown = row.attributes.flatMap { ExtendedAttributes(encoded: $0) }?.attributes ?? []
        var found: [String] = []
        for attribute in inode.metadata.attributes
        where !shown.contains(where: { $0.name == attribute.name && $0.value == attribute.value }) {
            found.append("xattr \(TreePath.printable(attribute.name)) missing")
        }
        for attribute in shown where !inode.metadata.attributes.contains(where: { $0.name == attribute.name })
        {
            found.append("xattr \(TreePath.printable(attribute.name)) added")
        }
        return found
    }

    private func linkDifference(_ node: ImageTree.NodeID, _ row: CatalogEntry, at path: TreePath) -> [String]
    {
        guard let names = namesOfInode[tree.inodeNumber(of: node)], tree.inode(of: node).kind != .directory,
            row.linkCount != UInt32(clamping: names.count)
        else { return [] }
        return ["hard links \(names.count) -> \(row.linkCount)"]
    }

    private func contentDifference(
        _ node: ImageTree.NodeID,
        _ row: CatalogEntry,
        at path: TreePath
    ) throws -> [String] {
        let inode = tree.inode(of: node)
        guard inode.kind == .regular, row.isRegular else { return [] }
        let pieces = inode.content?.pieces ?? []
        var found: [String] = []
        let size = pieces.reduce(0) { $0 + $1.size }
        if size != row.size { found.append("size \(size) -> \(row.size)") }
        let wanted = pieces.map(\.object)
        let shown: [ContentHash]
        if row.flags.contains(.chunked), let algorithm = row.flags.algorithm {
            shown = try published.chunks(of: base.appending(path), algorithm: algorithm).map(\.hash)
        } else {
            shown = row.hash.map { [$0] } ?? []
        }
        if wanted != shown { found.append("content") }
        return found
    }
}

extension CatalogEntry {
    /// The type in the words of `EntryKind`.
    fileprivate var kindName: String {
        switch type {
        case .directory: "directory"
        case .regular: "regular"
        case .symbolicLink: "symbolicLink"
        case .characterDevice: "characterDevice"
        case .blockDevice: "blockDevice"
        case .fifo: "fifo"
        case .socket: "socket"
        case nil: "unknown"
        }
    }

    fileprivate var mtimeText: String {
        ModificationTime(seconds: mtime, nanoseconds: mtimeNanoseconds ?? 0).text
    }
}

extension ModificationTime {
    fileprivate var text: String { nanoseconds == 0 ? "\(seconds)" : "\(seconds)+\(nanoseconds)ns" }
}
