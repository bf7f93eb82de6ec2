// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests

/// What is remembered of each node that the kernel knows: where its row is, not what the row says.
///
/// There are as many as files that were ever looked at, so a record is 56 bytes and refers to nothing on the heap.
struct NodeRecord {
    /// The key of the node's path, or for a member of a hard link group that of its first member's path.
    var place: PathKey
    /// The row in its catalog.
    var rowID: Int64
    /// Stands for everything that can be seen through the node: see `NodeAppearance`.
    var appearance: UInt64
    /// How many answers named the node, less what the kernel forgot; 0 for a slot that is free.
    var references: UInt64
    /// The catalog, by its number among those that nodes refer to.
    var catalog: UInt32
    /// Counts the revisions of this mount.
    var epoch: UInt32
    /// How often the slot was freed.
    var generation: UInt32
    var isDirectory: Bool
    /// Whether the node was asked for since it was last looked at as one that might be forgotten.
    var isRecent: Bool
}

/// A catalog together with where its tree is shown, which nodes refer to by number.
struct ShownCatalog: Hashable, Sendable {
    let hash: ContentHash
    let mountPath: [UInt8]
    /// What stands before a path of the catalog's tree below the mount point: empty outside of bind mountpoints.
    let prefix: [UInt8]

    /// Whether the catalog's names never change, because it is that of an image's tree.
    var isFrozen: Bool { ImmutableTrees.isFrozen(prefix + mountPath) }

    /// The catalog in its place.
    var place: CatalogPlace { CatalogPlace(hash: hash, mountPath: mountPath) }
}

/// Tells whether two entries show the same, so that what the kernel remembers of one holds for the other.
enum NodeAppearance {
    /// 64 bits of a hash that is seeded anew at each start.
    ///
    /// Where the row stands, and which name of a hard link group was used, cannot be seen through a node.
    static func fingerprint(of entry: CatalogEntry) -> UInt64 {
        var seen = entry
        seen.rowID = 0
        if seen.linkGroup != 0 { (seen.name, seen.linkGroup) = ([], 1) }
        var hasher = Hasher()
        hasher.combine(seen)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
