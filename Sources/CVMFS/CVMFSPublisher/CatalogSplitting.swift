// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import FileTree

/// Decides where a tree is split into nested catalogs.
///
/// A client downloads the whole catalog that covers a directory, and one after the other those that lead to it. So the
/// directories near the root, where programs are and which every start passes, get lean catalogs: beside their own entries
/// they carry little of what is below them. Farther down a subtree stays in one piece up to a larger size, because each
/// further catalog costs a start another round trip. `docs/decisions/0029-catalog-splitting.md` has the measurements.
package struct CatalogSplitting: Sendable {
    /// A subtree of no more entries is never split.
    package var whole = 2048
    /// The same for the tree's root and what is up to `shallowDepth` below it.
    package var wholeWhereShallow = 256
    /// Directories so many steps below the root count as near it: `/usr/bin` and `/opt/conda` do.
    package var shallowDepth = 2
    /// Entries of other directories that the catalog of a directory in a larger subtree may carry.
    package var burden = 128
    /// A subtree of fewer entries is not worth a catalog of its own.
    package var minimum = 64
    /// Entries that no catalog exceeds, unless a single directory does.
    package var maximum = 200_000

    package init() {}

    /// Where the catalogs of a tree begin.
    package struct Plan: Sendable {
        /// The directories other than the tree's root that get catalogs of their own.
        package let roots: Set<ImageTree.NodeID>
        /// All catalogs' directories by the order in which they can be written: each needs only those of earlier levels.
        package let levels: [[ImageTree.NodeID]]
        /// How many rows the catalog of a directory will have, about.
        package let rows: [ImageTree.NodeID: Int]
    }

    /// Plans the catalogs of a tree.
    package func plan(of tree: ImageTree) -> Plan {
        var roots: Set<ImageTree.NodeID> = []
        var rows: [ImageTree.NodeID: Int] = [:]
        var heights: [ImageTree.NodeID: Int] = [:]
        var weights: [ImageTree.NodeID: (rows: Int, height: Int)] = [:]
        for (directory, depth) in Self.directoriesBottomUp(tree) {
            let children = tree.children(of: directory)
            // A child that has its own catalog leaves one row here: itself.
            var parts = children.compactMap { child in weights.removeValue(forKey: child).map { (child, $0) }
            }
            var burden = parts.reduce(0) { $0 + $1.1.rows }
            var height = 0
            if children.count + burden > (depth <= shallowDepth ? wholeWhereShallow : whole) {
                parts.sort { $0.1.rows > $1.1.rows }
                for (child, part) in parts {
                    let isTooMuch = children.count + burden > maximum
                    guard burden > self.burden, part.rows >= minimum || isTooMuch && part.rows > 0 else {
                        height = max(height, part.height)
                        continue
                    }
                    roots.insert(child)
                    rows[child] = part.rows + 1
                    heights[child] = part.height
                    burden -= part.rows
                    height = max(height, part.height + 1)
                }
            } else {
                height = parts.map(\.1.height).max() ?? 0
            }
            weights[directory] = (children.count + burden, height)
        }
        let last = weights[tree.root] ?? (0, 0)
        rows[tree.root] = last.rows + 1
        var levels = [[ImageTree.NodeID]](repeating: [], count: last.height + 1)
        for (root, height) in heights { levels[height].append(root) }
        levels[last.height].append(tree.root)
        return Plan(roots: roots, levels: levels, rows: rows)
    }

    /// Every directory, with its distance from the root, after all directories below it.
    private static func directoriesBottomUp(
        _ tree: ImageTree
    ) -> [(directory: ImageTree.NodeID, depth: Int)] {
        var order: [(directory: ImageTree.NodeID, depth: Int)] = []
        var pending = [(directory: tree.root, depth: 0)]
        while let next = pending.popLast() {
            order.append(next)
            for child in tree.children(of: next.directory) where tree.kind(of: child) == .directory {
                pending.append((child, next.depth + 1))
            }
        }
        return order.reversed()
    }
}
