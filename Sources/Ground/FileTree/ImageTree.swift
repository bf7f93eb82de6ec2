// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A file tree in memory, made by applying layers: what an image looks like when it is unpacked.
///
/// Names and inodes are apart, so that hard links share an inode. Everything stands in flat arrays and is referred to by
/// index: about 250 bytes an entry, so that an image of a million files fits in 256 MiB. Nothing touches a file system.
package final class ImageTree {
    /// An index of a name in the tree.
    package struct NodeID: Hashable, Sendable {
        let index: Int32
        static let none = NodeID(index: -1)
    }

    /// What hard links share.
    package struct Inode: Sendable {
        package var kind: EntryKind
        package var metadata: EntryMetadata
        package var linkTarget: [UInt8] = []
        package var deviceMajor: UInt32 = 0
        package var deviceMinor: UInt32 = 0
        package var content: StoredContent?
        /// Made because something below it exists, with attributes that no layer gave.
        package var isImplied = false
        /// Added by the publisher; no layer has it.
        package var isAdded = false
        /// In a layer by itself: a directory that hides what lower layers have in it.
        package var isOpaque = false

        package init(
            kind: EntryKind,
            metadata: EntryMetadata,
            linkTarget: [UInt8] = [],
            deviceMajor: UInt32 = 0,
            deviceMinor: UInt32 = 0,
            content: StoredContent? = nil,
            isImplied: Bool = false,
            isAdded: Bool = false
        ) {
            self.kind = kind
            self.metadata = metadata
            self.linkTarget = linkTarget
            self.deviceMajor = deviceMajor
            self.deviceMinor = deviceMinor
            self.content = content
            self.isImplied = isImplied
            self.isAdded = isAdded
        }

        /// Bytes of what may be long.
        fileprivate var textSize: Int {
            metadata.attributes.reduce(linkTarget.count) { $0 + $1.name.count + $1.value.count }
        }
    }

    private struct Node {
        var parent: NodeID
        var firstChild = NodeID.none
        var next = NodeID.none
        var previous = NodeID.none
        var sameHash = NodeID.none
        var inode: Int32
        var nameStart: UInt32
        var nameLength: UInt16
    }

    private var nodes: [Node] = []
    private var inodes: [Inode] = []
    private var names: [UInt8] = []
    private var index: [UInt64: NodeID] = [:]

    /// The root directory.
    package let root = NodeID(index: 0)

    /// The number of names that the tree has now, the root included.
    package private(set) var count = 0

    /// Whether an inode was ever given a second name.
    package private(set) var hasHardLinks = false

    /// Grows with every change that can lead a path elsewhere: a removal, or a new symbolic link.
    ///
    /// A resolved directory is good as long as this stands still.
    private(set) var structure = 0

    private var budget: TreeLimits

    /// Makes a tree of an empty root directory, owned by root, mode 0755, dated 1970.
    package init(limits: TreeLimits = TreeLimits()) {
        budget = limits
        inodes.append(Self.impliedDirectory)
        nodes.append(Node(parent: .none, inode: 0, nameStart: 0, nameLength: 0))
        count = 1
    }

    /// What a directory gets that no layer describes.
    static let impliedDirectory = Inode(
        kind: .directory,
        metadata: EntryMetadata(permissions: 0o755, mtime: ModificationTime(seconds: 0)),
        isImplied: true
    )

    // MARK: Reading

    package func inode(of node: NodeID) -> Inode { inodes[Int(nodes[Int(node.index)].inode)] }

    /// What an entry is; cheaper than its inode.
    package func kind(of node: NodeID) -> EntryKind { inodes[Int(nodes[Int(node.index)].inode)].kind }

    /// A number that the names of one inode share.
    package func inodeNumber(of node: NodeID) -> Int { Int(nodes[Int(node.index)].inode) }

    package func name(of node: NodeID) -> [UInt8] {
        let entry = nodes[Int(node.index)]
        let start = Int(entry.nameStart)
        return Array(names[start..<(start + Int(entry.nameLength))])
    }

    package func parent(of node: NodeID) -> NodeID? {
        let parent = nodes[Int(node.index)].parent
        return parent == .none ? nil : parent
    }

    /// The entries of a directory, in no particular order.
    package func children(of node: NodeID) -> [NodeID] {
        var children: [NodeID] = []
        var next = nodes[Int(node.index)].firstChild
        while next != .none {
            children.append(next)
            next = nodes[Int(next.index)].next
        }
        return children
    }

    /// The path from the root.
    package func path(of node: NodeID) -> TreePath {
        var components: [[UInt8]] = []
        var current = node
        while let parent = parent(of: current) {
            components.append(name(of: current))
            current = parent
        }
        return components.reversed().reduce(TreePath.root) { $0.appending($1) }
    }

    /// Finds an entry of a directory.
    package func child(_ name: [UInt8], of directory: NodeID) -> NodeID? {
        var candidate = index[key(directory, name)] ?? .none
        while candidate != .none {
            let entry = nodes[Int(candidate.index)]
            if entry.parent == directory, hasName(entry, name) { return candidate }
            candidate = entry.sameHash
        }
        return nil
    }

    // MARK: Changing

    /// Gives a node new attributes, for all its names.
    package func setInode(of node: NodeID, to inode: Inode) throws(TreeProblem) {
        try spend(text: inode.textSize) { path(of: node) }
        inodes[Int(nodes[Int(node.index)].inode)] = inode
    }

    /// Adds an entry with an inode of its own, replacing what has the name.
    @discardableResult
    package func add(_ name: [UInt8], to directory: NodeID, _ inode: Inode) throws(TreeProblem) -> NodeID {
        guard let number = Int32(exactly: inodes.count) else {
            throw TreeProblem(.tooManyEntries, path(of: directory))
        }
        try spend(text: inode.textSize) { path(of: directory) }
        inodes.append(inode)
        return try add(name, to: directory, inodeNumber: number)
    }

    /// Adds another name for an inode, replacing what has the name.
    package func link(_ name: [UInt8], to directory: NodeID, _ target: NodeID) throws(TreeProblem) {
        let number = nodes[Int(target.index)].inode
        hasHardLinks = true
        if let old = child(name, of: directory), nodes[Int(old.index)].inode == number { return }
        try add(name, to: directory, inodeNumber: number)
    }

    /// Removes an entry and everything below it.
    package func remove(_ node: NodeID) {
        detach(node)
        var pending = [node]
        while let current = pending.popLast() {
            for child in children(of: current) {
                unindex(child)
                pending.append(child)
            }
            count -= 1
            nodes[Int(current.index)].firstChild = .none
        }
        structure += 1
    }

    // MARK: Limits

    /// Accounts for components of a path that are looked up.
    func spend(steps: Int, on path: TreePath) throws(TreeProblem) {
        budget.steps -= steps
        guard budget.steps >= 0 else { throw TreeProblem(.tooManySteps, path) }
    }

    private func spend(text size: Int, at path: () -> TreePath) throws(TreeProblem) {
        budget.textSize -= size
        guard budget.textSize >= 0 else { throw TreeProblem(.tooMuchText, path()) }
    }

    // MARK: Names

    @discardableResult
    private func add(_ name: [UInt8], to directory: NodeID, inodeNumber: Int32) throws(TreeProblem) -> NodeID
    {
        if let old = child(name, of: directory) { remove(old) }
        budget.names -= 1
        guard budget.names >= 0 else { throw TreeProblem(.tooManyEntries, path(of: directory)) }
        try spend(text: name.count) { path(of: directory) }
        guard let position = Int32(exactly: nodes.count), let start = UInt32(exactly: names.count),
            let length = UInt16(exactly: name.count)
        else { throw TreeProblem(.tooManyEntries, path(of: directory)) }
        let node = NodeID(index: position)
        names += name
        var entry = Node(parent: directory, inode: inodeNumber, nameStart: start, nameLength: length)
        entry.next = nodes[Int(directory.index)].firstChild
        let key = key(directory, name)
        entry.sameHash = index[key] ?? .none
        nodes.append(entry)
        if entry.next != .none { nodes[Int(entry.next.index)].previous = node }
        nodes[Int(directory.index)].firstChild = node
        index[key] = node
        count += 1
        if inodes[Int(inodeNumber)].kind == .symbolicLink { structure += 1 }
        return node
    }

    private func detach(_ node: NodeID) {
        unindex(node)
        let entry = nodes[Int(node.index)]
        if entry.previous == .none {
            nodes[Int(entry.parent.index)].firstChild = entry.next
        } else {
            nodes[Int(entry.previous.index)].next = entry.next
        }
        if entry.next != .none { nodes[Int(entry.next.index)].previous = entry.previous }
    }

    private func unindex(_ node: NodeID) {
        let entry = nodes[Int(node.index)]
        let key = key(entry.parent, name(of: node))
        guard let head = index[key] else { return }
        if head == node {
            index[key] = entry.sameHash == .none ? nil : entry.sameHash
            return
        }
        var current = head
        while current != .none {
            let next = nodes[Int(current.index)].sameHash
            if next == node {
                nodes[Int(current.index)].sameHash = entry.sameHash
                return
            }
            current = next
        }
    }

    /// Swift's hasher has a random seed, so an image cannot be made whose names collide.
    private func key(_ directory: NodeID, _ name: [UInt8]) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(directory.index)
        name.withUnsafeBytes { hasher.combine(bytes: $0) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private func hasName(_ entry: Node, _ name: [UInt8]) -> Bool {
        let start = Int(entry.nameStart)
        return entry.nameLength == name.count && names[start..<(start + name.count)].elementsEqual(name)
    }
}
