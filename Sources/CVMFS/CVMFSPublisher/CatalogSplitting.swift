// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import FileTree

/// Decides where a tree is split into nested catalogs.
///
/// A client downloads the whole catalog that covers a directory, so catalogs should be small; each costs a request, so
/// they should not be tiny. Bottom-up, a directory whose remaining entries exceed the target gives its heaviest children
/// catalogs of their own until it fits. Only a single directory that is larger than the target stays whole.
package struct CatalogSplitting: Sendable {
    /// Entries that a catalog should not exceed.
    package var target = 16_384
    /// A directory with fewer entries below it is not worth a catalog.
    package var minimum = 512
    /// Entries that no catalog exceeds, unless a single directory does.
    package var maximum = 200_000

    package init() {}

    /// The directories, other than the root, that get catalogs of their own.
    package func roots(of tree: ImageTree) -> Set<ImageTree.NodeID> {
        var roots: Set<ImageTree.NodeID> = []
        var weights: [ImageTree.NodeID: Int] = [:]
        for directory in Self.directoriesBottomUp(tree) {
            let children = tree.children(of: directory)
            var subdirectories = children.compactMap { child in
                weights.removeValue(forKey: child).map { (child, $0) }
            }
            // A child that has its own catalog leaves one row here: itself.
            var weight = children.count + subdirectories.reduce(0) { $0 + $1.1 }
            subdirectories.sort { $0.1 > $1.1 }
            for (child, childWeight) in subdirectories {
                let isWorthwhile = childWeight >= minimum || weight > maximum
                guard weight > target, isWorthwhile, childWeight > 0 else { break }
                roots.insert(child)
                weight -= childWeight
            }
            weights[directory] = weight
        }
        return roots
    }

    /// Every directory after all directories below it.
    private static func directoriesBottomUp(_ tree: ImageTree) -> [ImageTree.NodeID] {
        var order: [ImageTree.NodeID] = []
        var pending = [tree.root]
        while let directory = pending.popLast() {
            order.append(directory)
            pending += tree.children(of: directory).filter { tree.inode(of: $0).kind == .directory }
        }
        return order.reversed()
    }
}
