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
/// path, and a new `Node` takes its place when the revision changes. Most nodes are only records (see `NodeTable`):
/// a `Node` is made when somebody asks.
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

    init(
        id: UInt64,
        path: [UInt8],
        found: FoundEntry,
        epoch: UInt64,
        place: PathKey,
        linkTarget: [UInt8]
    ) {
        self.id = id
        self.path = path
        entry = found.entry
        catalog = found.catalog
        catalogPath = found.path
        self.epoch = epoch
        // The same place shows the same inode number in every revision and after every restart.
        inode = max(UInt64(bitPattern: place.first), 2)
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
}
