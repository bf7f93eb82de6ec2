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
package final class Node: Sendable {
    /// The number.
    package let id: UInt64
    /// The path below the mount point; empty for its root.
    package let path: [UInt8]
    let entry: CatalogEntry
    /// Holds the entry.
    let catalog: CatalogPlace
    /// The entry's path in the tree of `catalog`, which differs from `path` below bind mountpoints.
    let catalogPath: [UInt8]
    /// Counts the revisions of this mount.
    package let epoch: UInt64
    /// The key of the path, or for a member of a hard link group that of its first member's path.
    let place: PathKey
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
        self.place = place
        self.linkTarget = linkTarget
    }

    /// The entry in its place.
    var found: FoundEntry { FoundEntry(entry: entry, catalog: catalog, path: catalogPath) }

    /// What `stat` shows.
    func attributes(_ options: MountOptions) -> NodeAttributes {
        let type = entry.type
        let isDevice = type == .characterDevice || type == .blockDevice
        let size = type == .symbolicLink ? Int64(linkTarget.count) : isDevice ? 0 : entry.size
        let recorded = NodeAttributes(
            inode: inode(options),
            size: UInt64(clamping: size),
            modifiedSeconds: entry.mtime,
            modifiedNanoseconds: UInt32(clamping: entry.mtimeNanoseconds ?? 0),
            mode: entry.mode,
            links: max(entry.linkCount, 1),
            user: entry.uid,
            group: entry.gid,
            device: isDevice ? UInt32(truncatingIfNeeded: entry.size) : 0
        )
        return options.presentation.shown(recorded)
    }

    /// The inode number that programs see.
    func inode(_ options: MountOptions) -> UInt64 { options.inodes.number(of: place, entry) }
}
