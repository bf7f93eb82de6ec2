// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Applies layers to a tree by the OCI rules.
///
/// Whiteouts and opaque markers act on lower layers only, wherever they stand in their own. Names are resolved below the
/// root, through symbolic links on the way but not in the last component; `..` in a link stops at the root. An entry
/// replaces what is there, except a directory on a directory, which only takes the new attributes.
/// - Source: OCI image specification 1.1, "Image Layer Filesystem Changeset", sections "Applying Changesets" and
///   "Whiteouts".
package struct LayerMerge {
    private let tree: ImageTree
    private var lastParent: (path: TreePath, node: ImageTree.NodeID, structure: Int)?

    package init(into tree: ImageTree) { self.tree = tree }

    /// Applies a removal.
    ///
    /// All removals of a layer come before its entries.
    package mutating func applyRemoval(_ change: TreeChange) throws(TreeProblem) {
        switch change {
        case .whiteout(let path):
            guard let directory = try resolve(path.parent, creating: false),
                let node = tree.child(path.name, of: directory)
            else { return }
            tree.remove(node)
        case .opaque(let path):
            guard let directory = try resolve(path, creating: false) else { return }
            for child in tree.children(of: directory) { tree.remove(child) }
        case .entry, .hardLink: return
        }
    }

    /// Applies an entry or a hard link.
    package mutating func applyAddition(_ change: TreeChange) throws(TreeProblem) {
        switch change {
        case .entry(let entry): try put(entry)
        case .hardLink(let path, let target): try link(path, to: target)
        case .whiteout, .opaque: return
        }
    }

    private mutating func put(_ entry: LayerEntry) throws(TreeProblem) {
        let inode = ImageTree.Inode(
            kind: entry.kind,
            metadata: entry.metadata,
            linkTarget: entry.linkTarget,
            deviceMajor: entry.deviceMajor,
            deviceMinor: entry.deviceMinor,
            content: entry.content
        )
        guard !entry.path.isRoot else {
            // The root can take attributes, but never become something else.
            if entry.kind == .directory { try tree.setInode(of: tree.root, to: inode) }
            return
        }
        guard let directory = try parent(of: entry.path) else { return }
        if entry.kind == .directory, let old = tree.child(entry.path.name, of: directory),
            tree.kind(of: old) == .directory
        {
            try tree.setInode(of: old, to: inode)
        } else {
            try tree.add(entry.path.name, to: directory, inode)
        }
    }

    private mutating func link(_ path: TreePath, to target: TreePath) throws(TreeProblem) {
        guard !path.isRoot, let directory = try parent(of: path) else { return }
        guard let targetDirectory = try resolve(target.parent, creating: false),
            let node = tree.child(target.name, of: targetDirectory)
        else { throw TreeProblem(target.isRoot ? .hardLinkToDirectory : .hardLinkToNothing, path) }
        guard tree.kind(of: node) != .directory else { throw TreeProblem(.hardLinkToDirectory, path) }
        try tree.link(path.name, to: directory, node)
    }

    /// The directory that holds an entry, made if need be.
    ///
    /// Neighbours in an archive mostly share it.
    private mutating func parent(of path: TreePath) throws(TreeProblem) -> ImageTree.NodeID? {
        if let last = lastParent, last.structure == tree.structure, path.isChild(of: last.path) {
            return last.node
        }
        let parent = path.parent
        let node = try resolve(parent, creating: true)
        lastParent = node.map { (parent, $0, tree.structure) }
        return node
    }

    /// How many symbolic links a path may lead through, as in the kernel's spirit.
    private static let linkLimit = 255

    private func resolve(_ path: TreePath, creating: Bool) throws(TreeProblem) -> ImageTree.NodeID? {
        var stack = [tree.root]
        var steps = Array(path.components.reversed())
        var links = 0
        while let step = steps.popLast() {
            try tree.spend(steps: 1, on: path)
            guard !step.isEmpty, step != [UInt8(ascii: ".")] else { continue }
            if step.elementsEqual("..".utf8) {
                if stack.count > 1 { stack.removeLast() }
                continue
            }
            let here = stack[stack.count - 1]
            let found = tree.child(step, of: here)
            if let found, tree.kind(of: found) == .symbolicLink {
                links += 1
                guard links <= Self.linkLimit else { throw TreeProblem(.tooManyLinks, path) }
                let target = tree.inode(of: found).linkTarget
                // A few bytes of an archive lead every later name through all of this, and what leads nowhere is read, too.
                try tree.spend(steps: target.count, on: path)
                if target.first == UInt8(ascii: "/") { stack = [tree.root] }
                steps += target.split(separator: UInt8(ascii: "/")).map { Array($0) }.reversed()
            } else if let found, tree.kind(of: found) == .directory {
                stack.append(found)
            } else if creating {
                stack.append(try tree.add(step, to: here, ImageTree.impliedDirectory))
            } else {
                return nil
            }
        }
        return stack[stack.count - 1]
    }
}
