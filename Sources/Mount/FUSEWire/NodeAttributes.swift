// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What `stat` shows of a node.
package struct NodeAttributes: Sendable, Equatable {
    /// The inode number that programs see.
    package var inode: UInt64
    package var size: UInt64
    package var modifiedSeconds: Int64
    package var modifiedNanoseconds: UInt32
    /// Type and permissions.
    package var mode: UInt32
    package var links: UInt32
    package var user: UInt32
    package var group: UInt32
    /// For devices, in the kernel's encoding.
    package var device: UInt32

    /// Lists what `stat` shows.
    package init(
        inode: UInt64,
        size: UInt64,
        modifiedSeconds: Int64,
        modifiedNanoseconds: UInt32,
        mode: UInt32,
        links: UInt32,
        user: UInt32,
        group: UInt32,
        device: UInt32
    ) {
        self.inode = inode
        self.size = size
        self.modifiedSeconds = modifiedSeconds
        self.modifiedNanoseconds = modifiedNanoseconds
        self.mode = mode
        self.links = links
        self.user = user
        self.group = group
        self.device = device
    }
}

/// What a lookup answers: the node's number, and how long the kernel may remember it.
package struct NodeEntry: Sendable, Equatable {
    /// 0 says that there is no such name, and lets the kernel remember that.
    package var node: UInt64
    package var attributes: NodeAttributes
    /// How long the kernel may use the name without asking.
    package var nameValidity: Duration
    /// How long the kernel may use the attributes without asking.
    package var attributeValidity: Duration

    /// Describes the answer to a lookup.
    package init(
        node: UInt64,
        attributes: NodeAttributes,
        nameValidity: Duration,
        attributeValidity: Duration
    ) {
        self.node = node
        self.attributes = attributes
        self.nameValidity = nameValidity
        self.attributeValidity = attributeValidity
    }
}
