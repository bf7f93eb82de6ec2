// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import FileTree
import Testing

/// One change of a layer, in short words.
///
/// A number stands for the content of a file.
enum Step {
    case directory(String, permissions: UInt16 = 0o755)
    case file(String, Int)
    case link(String, String)
    case hardLink(String, to: String)
    case whiteout(String)
    case opaque(String)

    var change: TreeChange {
        switch self {
        case .directory(let path, let permissions): Self.entry(path, .directory, permissions)
        case .file(let path, let number): Self.entry(path, .regular, 0o644, UInt32(number))
        case .link(let path, let target): Self.entry(path, .symbolicLink, 0o777, target: target)
        case .hardLink(let path, let target): .hardLink(path: TreePath(path), target: TreePath(target))
        case .whiteout(let path): .whiteout(TreePath(path))
        case .opaque(let path): .opaque(TreePath(path))
        }
    }

    private static func entry(
        _ path: String,
        _ kind: EntryKind,
        _ permissions: UInt16,
        _ uid: UInt32 = 0,
        target: String = ""
    ) -> TreeChange {
        .entry(
            LayerEntry(
                path: TreePath(path),
                kind: kind,
                metadata: EntryMetadata(
                    permissions: permissions,
                    uid: uid,
                    mtime: ModificationTime(seconds: 0)
                ),
                linkTarget: Array(target.utf8)
            )
        )
    }
}

/// Merges layers as a publisher does: the removals of each layer first.
func merged(_ layers: [[Step]], limits: TreeLimits = TreeLimits()) throws -> ImageTree {
    let tree = ImageTree(limits: limits)
    for layer in layers.map({ $0.map(\.change) }) {
        var merge = LayerMerge(into: tree)
        for change in layer where change.removesFromLowerLayers { try merge.applyRemoval(change) }
        for change in layer where !change.removesFromLowerLayers { try merge.applyAddition(change) }
    }
    return tree
}

extension ImageTree {
    /// The paths below the root, sorted: `dir/`, `file:number`, `link@target`.
    var listing: [String] {
        var lines: [String] = []
        var pending = children(of: root)
        while let node = pending.popLast() {
            let inode = inode(of: node)
            let path = String(decoding: path(of: node).bytes, as: UTF8.self)
            switch inode.kind {
            case .directory: lines.append(path + "/")
            case .symbolicLink: lines.append(path + "@" + String(decoding: inode.linkTarget, as: UTF8.self))
            default: lines.append("\(path):\(inode.metadata.uid)")
            }
            pending += children(of: node)
        }
        return lines.sorted()
    }

    private func node(_ path: String) -> NodeID? {
        TreePath(path).components.reduce(root) { node, name in node.flatMap { child(name, of: $0) } }
    }

    func inode(_ path: String) -> Inode? { node(path).map { inode(of: $0) } }

    func inodeNumber(_ path: String) -> Int? { node(path).map { inodeNumber(of: $0) } }
}
