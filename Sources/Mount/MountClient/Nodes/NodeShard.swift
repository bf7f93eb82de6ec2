// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import Synchronization

/// A part of the table of nodes, with a lock of its own: requests about different nodes seldom wait for each other.
final class NodeShard: Sendable {
    private struct State {
        var slots = NodeSlots()
        var catalogs = ShownCatalogs()
        var recent = RecentNodes()
        /// Where the search for nodes to forget goes on.
        var hand: UInt32 = 0
    }

    /// What a reference led to.
    enum Reference {
        case known(Node)
        case added(Node)
        /// An entry of another place has the number.
        case taken
    }

    private let state = Mutex(State())

    /// How many nodes the shard has.
    var count: Int { state.withLock { $0.slots.count } }

    /// What is known of a number; `nil` if the kernel should not know it either.
    subscript(number: UInt64) -> NodeTable.Known? {
        state.withLock { state in
            guard let slot = state.slots.slot(of: number) else { return nil }
            state.slots[slot].isRecent = true
            if let node = state.recent.find(number) { return .node(node) }
            return Self.located(state.slots[slot], state).map { .located($0) }
        }
    }

    /// Whether a number is known.
    func contains(_ number: UInt64) -> Bool { state.withLock { $0.slots.slot(of: number) != nil } }

    /// Counts a reference to a candidate, and adds it if its number is not known.
    func refer(to candidate: NodeTable.Candidate, _ number: UInt64) -> Reference {
        let catalog = candidate.catalog
        return state.withLock { state in
            guard let slot = state.slots.slot(of: number) else {
                let node = candidate.node(number)
                state.slots.insert(candidate.record(number, catalog: state.catalogs.use(catalog)))
                state.recent.keep(node)
                return .added(node)
            }
            guard state.slots[slot].place == candidate.place else { return .taken }
            state.slots[slot].references &+= 1
            state.slots[slot].isRecent = true
            if state.slots[slot].epoch == UInt32(truncatingIfNeeded: candidate.epoch) {
                if let node = state.recent.find(number) { return .known(node) }
            } else {
                // What belongs to an older epoch leads to older catalogs.
                Self.move(slot, to: candidate, catalog, &state)
            }
            let node = candidate.node(number)
            state.recent.keep(node)
            return .known(node)
        }
    }

    /// Replaces a directory by what a newer revision shows at its path, without counting a reference.
    func renew(_ node: Node, _ candidate: NodeTable.Candidate) {
        let catalog = candidate.catalog
        state.withLock { state in
            guard let slot = state.slots.slot(of: node.id) else { return }
            Self.move(slot, to: candidate, catalog, &state)
            state.recent.keep(node)
        }
    }

    /// Keeps what was read from a catalog for a node, unless its row is another one by now.
    func keep(_ node: Node, of located: NodeTable.Located) {
        state.withLock { state in
            guard let slot = state.slots.slot(of: node.id) else { return }
            let record = state.slots[slot]
            guard record.epoch == located.record.epoch, record.rowID == located.record.rowID,
                state.catalogs[record.catalog] == located.catalog
            else { return }
            state.recent.keep(node)
        }
    }

    /// The kernel dropped references; returns whether the node is forgotten.
    func forget(_ number: UInt64, _ count: UInt64) -> Bool {
        state.withLock { state in
            guard let slot = state.slots.slot(of: number) else { return false }
            guard state.slots[slot].references <= count else {
                state.slots[slot].references -= count
                return false
            }
            state.catalogs.release(state.slots[slot].catalog)
            state.slots.remove(slot)
            state.recent.drop(number)
            return true
        }
    }

    /// Up to `limit` nodes that nobody asked for since the last round, in one round over the slots at most.
    func unused(atMost limit: Int) -> [UInt64] {
        state.withLock { state in
            var (unused, steps) = ([UInt64](), state.slots.end)
            while unused.count < limit, steps > 0 {
                state.hand = state.hand + 1 < state.slots.end ? state.hand + 1 : 0
                steps -= 1
                guard let record = state.slots.occupant(of: state.hand), record.number != NodeNumbers.root
                else { continue }
                // What is named here is passed over by the next round, which may come before the kernel forgets it.
                state.slots[state.hand].isRecent.toggle()
                if !record.isRecent { unused.append(record.number) }
            }
            return unused
        }
    }

    /// The nodes of a range of slots, and how many slots there are.
    func nodes(inSlots range: Range<UInt32>) -> (nodes: [NodeTable.Located], end: UInt32) {
        state.withLock { state in
            let nodes = range.clamped(to: 0..<state.slots.end).compactMap { slot in
                state.slots.occupant(of: slot).flatMap { Self.located($0, state) }
            }
            return (nodes, state.slots.end)
        }
    }

    /// The numbers of all directories.
    var directories: [UInt64] {
        state.withLock { state in
            (0..<state.slots.end).compactMap { slot in
                state.slots.occupant(of: slot).flatMap { $0.isDirectory ? $0.number : nil }
            }
        }
    }

    /// The catalogs that hold the nodes.
    var catalogs: [ShownCatalog] { state.withLock { $0.catalogs.all } }

    /// Whether any of the catalogs holds names that never change.
    var haveFrozenNames: Bool { state.withLock { $0.catalogs.haveFrozenNames } }

    private static func located(_ record: NodeRecord, _ state: borrowing State) -> NodeTable.Located? {
        state.catalogs[record.catalog].map { NodeTable.Located(record: record, catalog: $0) }
    }

    private static func move(
        _ slot: UInt32,
        to candidate: NodeTable.Candidate,
        _ catalog: ShownCatalog,
        _ state: inout State
    ) {
        // The new one first: it may be the same.
        let number = state.catalogs.use(catalog)
        state.catalogs.release(state.slots[slot].catalog)
        state.slots[slot].catalog = number
        state.slots[slot].rowID = candidate.found.entry.rowID
        state.slots[slot].epoch = UInt32(truncatingIfNeeded: candidate.epoch)
    }
}
