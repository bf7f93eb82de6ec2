// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Numbers the hard link groups of one catalog: names of one inode in one directory.
struct LinkGroups {
    private var last: UInt32 = 0
    private var numbers: [Key: (number: UInt32, count: UInt32)] = [:]
    private var directory: ImageTree.NodeID?
    private var names: [Int: UInt32] = [:]

    private struct Key: Hashable {
        let directory: ImageTree.NodeID
        let inode: Int
    }

    /// The group of an entry; `nil` if no other name in its directory has the same inode.
    mutating func group(
        of node: ImageTree.NodeID,
        in directory: ImageTree.NodeID,
        of tree: ImageTree
    ) -> (number: UInt32, count: UInt32)? {
        if self.directory != directory { count(directory, of: tree) }
        let inode = tree.inodeNumber(of: node)
        guard let count = names[inode], count > 1 else { return nil }
        let key = Key(directory: directory, inode: inode)
        if let known = numbers[key] { return known }
        last += 1
        numbers[key] = (last, count)
        return (last, count)
    }

    private mutating func count(_ directory: ImageTree.NodeID, of tree: ImageTree) {
        self.directory = directory
        names = [:]
        for child in tree.children(of: directory) { names[tree.inodeNumber(of: child), default: 0] += 1 }
    }
}
