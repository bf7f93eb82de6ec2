// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import FUSEWire
internal import Synchronization

/// What the kernel knows under one node number: an entry of a catalog, as it was at one revision.
///
/// A number stands for one content for ever: a file that another revision changes gets a new number, so that files
/// that are open keep what they were opened with, and cached pages never go stale. A directory keeps its number at its
/// path, and a new `Node` takes its place when the revision changes.
final class Node: Sendable {
    let id: UInt64
    /// The path below the mount point; empty for its root.
    let path: [UInt8]
    let entry: CatalogEntry
    /// Holds the entry.
    let catalog: CatalogPlace
    /// The entry's path in the tree of `catalog`, which differs from `path` below bind mountpoints.
    let catalogPath: [UInt8]
    /// Counts the revisions of this mount.
    let epoch: UInt64
    /// The inode number that programs see.
    let inode: UInt64
    /// Where a link leads, with variables expanded.
    let linkTarget: [UInt8]
    /// Where the children of a directory are, once somebody asked.
    let children = Mutex<DirectoryPlace?>(nil)
    /// The chunks of a chunked file, once somebody read it.
    let chunks = Mutex<[FileChunk]?>(nil)

    init(
        id: UInt64,
        path: [UInt8],
        found: FoundEntry,
        epoch: UInt64,
        inode: UInt64,
        linkTarget: [UInt8]
    ) {
        self.id = id
        self.path = path
        entry = found.entry
        catalog = found.catalog
        catalogPath = found.path
        self.epoch = epoch
        self.inode = inode
        self.linkTarget = linkTarget
    }

    /// What `stat` shows.
    var attributes: NodeAttributes {
        let type = entry.type
        let isDevice = type == .characterDevice || type == .blockDevice
        let size = type == .symbolicLink ? Int64(linkTarget.count) : isDevice ? 0 : entry.size
        return NodeAttributes(
            inode: inode,
            size: UInt64(clamping: size),
            modifiedSeconds: entry.mtime,
            modifiedNanoseconds: UInt32(clamping: entry.mtimeNanoseconds ?? 0),
            mode: entry.mode,
            links: max(entry.linkCount, 1),
            user: entry.uid,
            group: entry.gid,
            device: isDevice ? UInt32(truncatingIfNeeded: entry.size) : 0
        )
    }

    /// Whether another entry shows the same, so that what the kernel remembers of this one holds for it.
    func isSame(as other: CatalogEntry) -> Bool {
        var (mine, others) = (entry, other)
        // Where the row stands, and which name of a group was used, cannot be seen through a node.
        (mine.rowID, others.rowID) = (0, 0)
        if mine.linkGroup != 0, others.linkGroup != 0 {
            (mine.name, others.name) = ([], [])
            (mine.linkGroup, others.linkGroup) = (0, 0)
        }
        return mine == others
    }
}
