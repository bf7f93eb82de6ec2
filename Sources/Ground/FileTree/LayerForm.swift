// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Builds one layer by itself, in the form in which the kernel's overlay file system stacks it.
///
/// What the layer removes becomes a character device 0/0, a directory that hides what is below is opaque. Names are taken
/// as they are written: what the layers below have at a place, a link for example, is not known here, so a layer that
/// depends on it stacks otherwise than it merges; `LayerStack` finds that out.
/// - Source: Linux, Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
package struct LayerForm {
    private let tree: ImageTree

    /// Works on a tree that already holds what the layer adds, and nothing else.
    package init(completing tree: ImageTree) { self.tree = tree }

    /// Marks the directories that hide what is below them.
    ///
    /// All of a layer's come before its whiteouts: within an opaque directory there is nothing to remove.
    package func applyOpaque(_ change: TreeChange) throws(TreeProblem) {
        guard case .opaque(let path) = change, let node = try directory(path) else { return }
        try setOpaque(node)
    }

    /// Puts a mark where the layer removes something.
    package func applyWhiteout(_ change: TreeChange) throws(TreeProblem) {
        guard case .whiteout(let path) = change, let parent = try directory(path.parent), !isHidden(parent)
        else { return }
        guard let replacement = tree.child(path.name, of: parent) else {
            try tree.add(path.name, to: parent, Self.whiteout)
            return
        }
        // The layer removes what is below and puts something of its own there; all but directories hide by themselves.
        if tree.inode(of: replacement).kind == .directory { try setOpaque(replacement) }
    }

    /// Whether an entry removes what has its name below.
    package static func isWhiteout(_ inode: ImageTree.Inode) -> Bool {
        inode.kind == .characterDevice && inode.deviceMajor == 0 && inode.deviceMinor == 0
    }

    private static let whiteout = ImageTree.Inode(
        kind: .characterDevice,
        metadata: EntryMetadata(permissions: 0, mtime: ModificationTime(seconds: 0)),
        isAdded: true
    )

    private func setOpaque(_ node: ImageTree.NodeID) throws(TreeProblem) {
        var inode = tree.inode(of: node)
        inode.isOpaque = true
        try tree.setInode(of: node, to: inode)
    }

    private func isHidden(_ node: ImageTree.NodeID) -> Bool {
        var current: ImageTree.NodeID? = node
        while let here = current {
            if tree.inode(of: here).isOpaque { return true }
            current = tree.parent(of: here)
        }
        return false
    }

    /// The directory of a path, made if need be; `nil` if the layer has something else on the way, which hides all below.
    private func directory(_ path: TreePath) throws(TreeProblem) -> ImageTree.NodeID? {
        var node = tree.root
        for component in path.components {
            guard let next = tree.child(component, of: node) else {
                node = try tree.add(component, to: node, ImageTree.impliedDirectory)
                continue
            }
            guard tree.inode(of: next).kind == .directory else { return nil }
            node = next
        }
        return node
    }
}
