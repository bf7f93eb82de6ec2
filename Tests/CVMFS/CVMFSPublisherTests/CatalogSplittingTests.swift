// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSPublisher
import FileTree
import Testing

@Suite struct CatalogSplittingTests {
    private let splitting = CatalogSplitting()

    private static let directory = ImageTree.Inode(
        kind: .directory,
        metadata: EntryMetadata(permissions: 0o755, mtime: ModificationTime(seconds: 0))
    )
    private static let file = ImageTree.Inode(
        kind: .regular,
        metadata: EntryMetadata(permissions: 0o644, mtime: ModificationTime(seconds: 0))
    )

    /// Makes a directory with files at a path.
    @discardableResult
    private func fill(_ path: String, files: Int, in tree: ImageTree) throws -> ImageTree.NodeID {
        var directory = tree.root
        for component in TreePath(path).components {
            directory =
                try tree.child(component, of: directory)
                ?? tree.add(component, to: directory, Self.directory)
        }
        for number in 0..<files { try tree.add(Array("f\(number)".utf8), to: directory, Self.file) }
        return directory
    }

    /// The rows of all catalogs that a client needs to reach an entry of a directory.
    private func rowsOnPath(to path: String, of tree: ImageTree) -> (rows: Int, entries: Int) {
        let plan = splitting.plan(of: tree)
        var directory = tree.root
        var rows = plan.rows[directory] ?? 0
        var entries = tree.children(of: directory).count
        for component in TreePath(path).components {
            guard let next = tree.child(component, of: directory) else { continue }
            directory = next
            if plan.roots.contains(directory) { rows += plan.rows[directory] ?? 0 }
            entries += tree.children(of: directory).count
        }
        return (rows, entries)
    }

    @Test("a small tree is one catalog")
    func small() throws {
        let tree = ImageTree()
        for number in 0..<20 { try fill("usr/d\(number)", files: 8, in: tree) }
        #expect(splitting.plan(of: tree).roots.isEmpty)
    }

    @Test("a program near the root of a great image is reached through few rows that are not on its way")
    func lean() throws {
        let tree = ImageTree()
        try fill("usr/bin", files: 1000, in: tree)
        for top in ["usr/lib", "usr/share", "opt/tool", "etc", "var/lib"] {
            for number in 0..<200 { try fill("\(top)/d\(number)/e", files: 30, in: tree) }
        }
        for number in 0..<12 { try fill("srv/s\(number)", files: 3, in: tree) }
        let (rows, entries) = rowsOnPath(to: "usr/bin", of: tree)
        // 24 KiB at about 80 bytes a row.
        #expect(rows - entries <= 300, "\(rows) rows for \(entries) entries")
    }

    @Test("a subtree farther down stays in one piece")
    func whole() throws {
        let tree = ImageTree()
        let package = try fill("usr/lib/python3/dist-packages/numpy", files: 20, in: tree)
        for number in 0..<30 {
            try fill("usr/lib/python3/dist-packages/numpy/d\(number)", files: 50, in: tree)
        }
        for number in 0..<300 { try fill("usr/lib/python3/dist-packages/p\(number)", files: 80, in: tree) }
        let plan = splitting.plan(of: tree)
        #expect(plan.roots.contains(package))
        #expect(tree.children(of: package).allSatisfy { !plan.roots.contains($0) })
    }

    @Test("the levels hold every catalog once, nested ones before those that name them")
    func levels() throws {
        let tree = ImageTree()
        for first in 0..<4 {
            for second in 0..<8 {
                for third in 0..<8 { try fill("a\(first)/b\(second)/c\(third)/d", files: 300, in: tree) }
            }
        }
        let plan = splitting.plan(of: tree)
        let order = plan.levels.flatMap(\.self)
        #expect(Set(order) == plan.roots.union([tree.root]) && order.count == plan.roots.count + 1)
        #expect(plan.levels.last == [tree.root])
        var seen: Set<ImageTree.NodeID> = []
        for level in plan.levels {
            for root in level {
                var above = tree.parent(of: root)
                while let node = above {
                    #expect(!seen.contains(node) && !level.contains(node))
                    above = tree.parent(of: node)
                }
            }
            seen.formUnion(level)
        }
        // Every row is in one catalog; each nested one has its root in two and a marker.
        #expect(plan.rows.values.reduce(0, +) == tree.count + plan.roots.count)
    }
}
