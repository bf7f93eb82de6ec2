// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
internal import CVMFSReader
internal import Digests

/// What is remembered of each node that the kernel knows: where its row is, not what the row says.
///
/// There are as many as files that were ever looked at, so a record is 56 bytes and refers to nothing on the heap.
package struct NodeRecord {
    /// See `NodeNumbers`.
    package let number: UInt64
    /// The key of the node's path, or for a member of a hard link group that of its first member's path.
    package let place: PathKey
    /// The row in its catalog.
    package var rowID: Int64
    /// How many answers named the node, less what the kernel forgot; 0 for a slot that is free.
    package var references: UInt64
    /// The catalog, by its number among those that nodes of the same shard refer to.
    package var catalog: UInt32
    /// Counts the revisions of this mount.
    package var epoch: UInt32
    package let isDirectory: Bool
    /// Whether the node was asked for since it was last looked at as one that might be forgotten.
    package var isRecent: Bool

    /// A node that one answer named.
    package init(
        number: UInt64,
        place: PathKey,
        rowID: Int64,
        catalog: UInt32,
        epoch: UInt32,
        isDirectory: Bool
    ) {
        self.number = number
        self.place = place
        self.rowID = rowID
        references = 1
        self.catalog = catalog
        self.epoch = epoch
        self.isDirectory = isDirectory
        isRecent = true
    }
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
