// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Dispatch
internal import Synchronization

/// The nodes that the kernel holds references to, by number and by place.
///
/// The kernel may hold millions of them, so only a record of a fixed size is kept for each; what a node's row says is
/// kept for the last few thousand that were asked for, and is read again from the catalog for the others.
final class NodeTable: Sendable {
    /// The number of the root, fixed by the protocol.
    static let rootID = NodeSlots.rootID

    private struct State {
        var slots: NodeSlots
        var catalogs = ShownCatalogs()
        var recent = RecentNodes()
        /// Where the search for nodes to forget goes on.
        var hand: UInt32 = 0
        /// The table is crowded with more nodes than this.
        var threshold: Int
    }

    private let state: Mutex<State>
    private let limit: Int
    /// Signalled when the table gets crowded.
    let crowded = DispatchSemaphore(value: 0)

    private let identity: NodeIdentity

    /// Makes a table that counts as crowded with more than `limit` nodes.
    init(limit: Int, _ identity: NodeIdentity = .slots) {
        self.limit = limit
        self.identity = identity
        state = Mutex(State(slots: NodeSlots(identity), threshold: limit))
    }

    /// What is put into the table.
    struct Candidate {
        let path: [UInt8]
        let found: FoundEntry
        /// The key of the path, or for a member of a hard link group that of its first member's path.
        let place: PathKey
        let epoch: UInt64
        let linkTarget: [UInt8]

        /// The catalog, with what precedes the paths of its tree here.
        var catalog: ShownCatalog {
            ShownCatalog(
                hash: found.catalog.hash,
                mountPath: found.catalog.mountPath,
                prefix: Array(path.dropLast(found.path.count))
            )
        }
    }

    /// Where the row of a node is that is not among the recent ones.
    struct Located {
        let id: UInt64
        let record: NodeRecord
        let catalog: ShownCatalog
    }

    /// What the table knows of a number.
    enum Known {
        case node(Node)
        case located(Located)
    }

    /// How many nodes the kernel knows.
    var count: Int { state.withLock { $0.slots.count } }

    /// What is known of a number; `nil` if the kernel should not know it either.
    subscript(id: UInt64) -> Known? {
        state.withLock { state in
            guard let record = state.slots[id], let catalog = state.catalogs[record.catalog] else {
                return nil
            }
            if !record.isRecent { state.slots.update(id) { $0.isRecent = true } }
            if let node = state.recent.find(id) { return .node(node) }
            return .located(Located(id: id, record: record, catalog: catalog))
        }
    }

    /// Places the root.
    func placeRoot(_ candidate: Candidate) {
        state.withLock { state in
            let appearance = identity.appearance(of: candidate.found.entry)
            let id = state.slots.insert(Self.record(of: candidate, appearance, &state))
            state.recent.keep(Self.node(id, candidate))
        }
    }

    /// Returns the node for an answer, and counts the reference that the kernel gets with it.
    ///
    /// A node of the same place is used again if it shows the same, or if both are directories.
    ///
    /// - Returns: `nil` if another node has the number that was derived for this one: as likely as guessing a key.
    func refer(to candidate: Candidate) -> Node? {
        let appearance = identity.appearance(of: candidate.found.entry)
        return state.withLock { state in
            let isDirectory = candidate.found.entry.isDirectory
            if let id = state.slots.id(at: candidate.place), let record = state.slots[id],
                record.appearance == appearance || (record.isDirectory && isDirectory)
            {
                return referAgain(to: id, record, candidate, appearance, &state)
            }
            if let id = identity.number(
                place: candidate.place,
                appearance: appearance,
                isDirectory: isDirectory
            ), let record = state.slots[id] {
                // What the place showed before, and shows again.
                guard record.place == candidate.place else { return nil }
                state.slots.restore(id)
                return referAgain(to: id, record, candidate, appearance, &state)
            }
            let id = state.slots.insert(Self.record(of: candidate, appearance, &state))
            let node = Self.node(id, candidate)
            state.recent.keep(node)
            if state.slots.count > state.threshold {
                // Once, until somebody looked for nodes to forget.
                state.threshold = .max
                crowded.signal()
            }
            return node
        }
    }

    private func referAgain(
        to id: UInt64,
        _ record: NodeRecord,
        _ candidate: Candidate,
        _ appearance: UInt64,
        _ state: inout State
    ) -> Node {
        state.slots.update(id) {
            $0.references &+= 1
            $0.isRecent = true
        }
        if record.epoch == UInt32(truncatingIfNeeded: candidate.epoch) {
            if let node = state.recent.find(id) { return node }
        } else {
            // Directories of an older epoch lead to older catalogs.
            Self.move(id, to: candidate, appearance, &state)
        }
        let node = Self.node(id, candidate)
        state.recent.keep(node)
        return node
    }

    /// Replaces a directory by what a newer revision shows at its path, without counting a reference.
    func renew(_ id: UInt64, _ candidate: Candidate) -> Node {
        let node = Self.node(id, candidate)
        let appearance = identity.appearance(of: candidate.found.entry)
        state.withLock { state in
            guard state.slots[id] != nil else { return }
            Self.move(id, to: candidate, appearance, &state)
            state.recent.keep(node)
        }
        return node
    }

    /// Keeps what was read from a catalog for a node, unless the node is another one by now.
    func keep(_ node: Node, of located: Located) {
        state.withLock { state in
            guard let record = state.slots[located.id], record.epoch == located.record.epoch,
                record.rowID == located.record.rowID, state.catalogs[record.catalog] == located.catalog
            else { return }
            state.recent.keep(node)
        }
    }

    /// The kernel dropped references.
    func forget(_ id: UInt64, _ count: UInt64) {
        guard id != Self.rootID else { return }
        state.withLock { state in
            guard let record = state.slots[id] else { return }
            guard record.references <= count else {
                state.slots.update(id) { $0.references -= count }
                return
            }
            state.slots.remove(id)
            state.catalogs.release(record.catalog)
            state.recent.drop(id)
        }
    }

    /// Nodes that nobody asked for since the last walk over them, for as many as are too many; the table counts as
    /// crowded again when it has grown by a sixteenth.
    func unused() -> [UInt64] {
        state.withLock { state in
            let excess = state.slots.count - limit / 8 * 7
            state.threshold = max(limit, state.slots.count) + limit / 16
            var (unused, steps) = ([UInt64](), 2 * Int(state.slots.end))
            while unused.count < excess, steps > 0 {
                state.hand = state.hand + 1 < state.slots.end ? state.hand + 1 : 0
                steps -= 1
                guard let (id, record) = state.slots.occupant(of: state.hand), id != Self.rootID else {
                    continue
                }
                if record.isRecent {
                    state.slots.update(id) { $0.isRecent = false }
                } else {
                    unused.append(id)
                }
            }
            return unused
        }
    }

    /// The numbers of all directories, for notifications.
    func directories() -> [UInt64] {
        state.withLock { state in
            (0..<state.slots.end).compactMap { index in
                state.slots.occupant(of: index).flatMap { $0.record.isDirectory ? $0.id : nil }
            }
        }
    }

    /// The nodes of the slots of a range, and how many slots there are: for a walk over all nodes that does not copy
    /// them all at once.
    func nodes(inSlots range: Range<UInt32>) -> (nodes: [Located], end: UInt32) {
        state.withLock { state in
            let nodes = range.clamped(to: 0..<state.slots.end).compactMap { index in
                state.slots.occupant(of: index).flatMap { id, record in
                    state.catalogs[record.catalog].map { Located(id: id, record: record, catalog: $0) }
                }
            }
            return (nodes, state.slots.end)
        }
    }

    /// The catalogs that hold the nodes.
    func shownCatalogs() -> [ShownCatalog] { state.withLock { $0.catalogs.all } }

    /// Whether the kernel knows names that never change.
    var haveFrozenNames: Bool { state.withLock { $0.catalogs.haveFrozenNames } }

    /// The number that the directory at a place has, whether the kernel knows it or not; `nil` unless numbers are derived.
    func number(ofDirectoryAt place: PathKey) -> UInt64? {
        identity.number(place: place, appearance: 0, isDirectory: true)
    }

    /// The number of the node at a place.
    func id(at place: PathKey) -> UInt64? { state.withLock { $0.slots.id(at: place) } }

    /// A new record of a candidate, whose catalog it uses.
    private static func record(
        of candidate: Candidate,
        _ appearance: UInt64,
        _ state: inout State
    ) -> NodeRecord {
        NodeRecord(
            place: candidate.place,
            rowID: candidate.found.entry.rowID,
            appearance: appearance,
            references: 1,
            catalog: state.catalogs.use(candidate.catalog),
            epoch: UInt32(truncatingIfNeeded: candidate.epoch),
            generation: 0,
            isDirectory: candidate.found.entry.isDirectory,
            isRecent: true
        )
    }

    private static func move(
        _ id: UInt64,
        to candidate: Candidate,
        _ appearance: UInt64,
        _ state: inout State
    ) {
        let catalog = state.catalogs.use(candidate.catalog)
        var former = catalog
        state.slots.update(id) { record in
            former = record.catalog
            record.catalog = catalog
            record.rowID = candidate.found.entry.rowID
            record.appearance = appearance
            record.epoch = UInt32(truncatingIfNeeded: candidate.epoch)
        }
        state.catalogs.release(former)
    }

    private static func node(_ id: UInt64, _ candidate: Candidate) -> Node {
        Node(
            id: id,
            path: candidate.path,
            found: candidate.found,
            epoch: candidate.epoch,
            place: candidate.place,
            linkTarget: candidate.linkTarget
        )
    }
}
