// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import FUSEWire
internal import Synchronization

/// The nodes that the kernel holds references to, by number and by place.
final class NodeTable: Sendable {
    /// The number of the root, fixed by the protocol.
    static let rootID: UInt64 = 1

    private struct Slot {
        var node: Node
        /// How many answers named the node, less what the kernel forgot.
        var references: UInt64
        let place: PathKey
    }

    private struct State {
        var slots: [UInt64: Slot] = [:]
        var places: [PathKey: UInt64] = [:]
        var nextID = NodeTable.rootID + 1
    }

    private let state = Mutex(State())

    /// What is put into the table.
    struct Candidate {
        let path: [UInt8]
        let found: FoundEntry
        /// The key of the path, or for a member of a hard link group that of its first member's path.
        let place: PathKey
        let epoch: UInt64
        let linkTarget: [UInt8]

        /// The same place shows the same inode number in every revision and after every restart.
        var inode: UInt64 { max(UInt64(bitPattern: place.first), 2) }
    }

    /// How many nodes the kernel knows.
    var count: Int { state.withLock { $0.slots.count } }

    subscript(id: UInt64) -> Node? { state.withLock { $0.slots[id]?.node } }

    /// Places the root.
    func placeRoot(_ candidate: Candidate) {
        let node = Self.node(Self.rootID, candidate)
        state.withLock { $0.slots[Self.rootID] = Slot(node: node, references: 1, place: candidate.place) }
    }

    /// Returns the node for an answer, and counts the reference that the kernel gets with it.
    ///
    /// A node of the same place is used again if it shows the same, or if both are directories.
    func refer(to candidate: Candidate) -> Node {
        state.withLock { state in
            if let id = state.places[candidate.place], let slot = state.slots[id] {
                let isCurrent = slot.node.epoch == candidate.epoch
                let entry = candidate.found.entry
                if slot.node.isSame(as: entry) || (slot.node.entry.isDirectory && entry.isDirectory) {
                    // Directories of an older epoch lead to older catalogs.
                    let node = isCurrent ? slot.node : Self.node(id, candidate)
                    state.slots[id]?.node = node
                    state.slots[id]?.references &+= 1
                    return node
                }
            }
            let id = state.nextID
            state.nextID += 1
            let node = Self.node(id, candidate)
            state.slots[id] = Slot(node: node, references: 1, place: candidate.place)
            state.places[candidate.place] = id
            return node
        }
    }

    /// Replaces a directory by what a newer revision shows at its path, without counting a reference.
    func renew(_ id: UInt64, _ candidate: Candidate) -> Node {
        let node = Self.node(id, candidate)
        state.withLock { $0.slots[id]?.node = node }
        return node
    }

    /// The kernel dropped references.
    func forget(_ id: UInt64, _ count: UInt64) {
        guard id != Self.rootID else { return }
        state.withLock { state in
            guard let slot = state.slots[id] else { return }
            guard slot.references <= count else {
                state.slots[id]?.references -= count
                return
            }
            state.slots[id] = nil
            if state.places[slot.place] == id { state.places[slot.place] = nil }
        }
    }

    /// The numbers of all directories, for notifications.
    func directories() -> [UInt64] {
        state.withLock { $0.slots.filter { $0.value.node.entry.isDirectory }.map(\.key) }
    }

    /// Parent path and name of every node, for kernels that need each name to be announced.
    func names() -> [(parent: UInt64, name: [UInt8])] {
        state.withLock { state in
            var directories: [[UInt8]: UInt64] = [[]: Self.rootID]
            for (id, slot) in state.slots where slot.node.entry.isDirectory {
                directories[slot.node.path] = id
            }
            return state.slots.values.compactMap { slot in
                let path = slot.node.path
                guard let slash = path.lastIndex(of: UInt8(ascii: "/")),
                    let parent = directories[Array(path[..<slash])]
                else { return nil }
                return (parent, Array(path[(slash + 1)...]))
            }
        }
    }

    private static func node(_ id: UInt64, _ candidate: Candidate) -> Node {
        Node(
            id: id,
            path: candidate.path,
            found: candidate.found,
            epoch: candidate.epoch,
            inode: candidate.inode,
            linkTarget: candidate.linkTarget
        )
    }
}
