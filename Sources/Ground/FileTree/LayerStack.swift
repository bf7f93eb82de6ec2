// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Stacks layers as the kernel's overlay file system does, to find out whether that gives what merging them gives.
///
/// Not all layers can be stacked: a layer that names a path through a link of a lower layer, leaves out the directories that
/// lead to a file, or has a device 0/0 of its own, means one thing merged and another one stacked.
/// - Source: Linux, Documentation/filesystems/overlayfs.rst.
package struct LayerStack {
    /// What the stack shows.
    package let tree = ImageTree()

    package init() {}

    /// Lays a layer on top.
    package func add(_ layer: ImageTree) throws(TreeProblem) {
        // The kernel joins the roots of all layers whatever they say: it never hides those below.
        try merge(layer, layer.root, into: tree.root)
    }

    private func merge(
        _ layer: ImageTree,
        _ directory: ImageTree.NodeID,
        into target: ImageTree.NodeID
    ) throws(TreeProblem) {
        var pending = [(directory, target, isMerged: true)]
        while let (source, place, isMerged) = pending.popLast() {
            for child in layer.children(of: source) {
                let (name, inode) = (layer.name(of: child), layer.inode(of: child))
                let below = tree.child(name, of: place)
                if LayerForm.isWhiteout(inode) {
                    if let below {
                        tree.remove(below)
                    } else if !isMerged {
                        // A directory of one layer alone is shown as it is, marks and all.
                        try tree.add(name, to: place, inode)
                    }
                    continue
                }
                guard inode.kind == .directory else {
                    try tree.add(name, to: place, inode)
                    continue
                }
                if let below, tree.inode(of: below).kind == .directory, !inode.isOpaque {
                    try tree.setInode(of: below, to: inode)
                    // What was seen of the marks of one layer is not seen any more.
                    for entry in tree.children(of: below) where LayerForm.isWhiteout(tree.inode(of: entry)) {
                        tree.remove(entry)
                    }
                    pending.append((child, below, isMerged: true))
                } else {
                    pending.append((child, try tree.add(name, to: place, inode), isMerged: false))
                }
            }
        }
    }

    /// The first paths, up to `limit`, at which the stack shows something else than a tree.
    ///
    /// The attributes of the root are not compared: the topmost layer's count, which seldom has any.
    package func differences(from merged: ImageTree, limit: Int) -> [TreePath] {
        var differences: [TreePath] = []
        var pending = [(tree.root, merged.root)]
        while let (left, right) = pending.popLast(), differences.count < limit {
            for child in merged.children(of: right) {
                guard let twin = tree.child(merged.name(of: child), of: left) else {
                    differences.append(merged.path(of: child))
                    continue
                }
                let (shown, wanted) = (tree.inode(of: twin), merged.inode(of: child))
                if !Self.isEqual(shown, wanted) {
                    differences.append(merged.path(of: child))
                } else if wanted.kind == .directory {
                    pending.append((twin, child))
                }
            }
            for child in tree.children(of: left) where merged.child(tree.name(of: child), of: right) == nil {
                differences.append(tree.path(of: child))
            }
        }
        return Array(differences.prefix(limit))
    }

    private static func isEqual(_ left: ImageTree.Inode, _ right: ImageTree.Inode) -> Bool {
        left.kind == right.kind && left.metadata == right.metadata && left.linkTarget == right.linkTarget
            && left.deviceMajor == right.deviceMajor && left.deviceMinor == right.deviceMinor
            && left.content == right.content
    }
}
