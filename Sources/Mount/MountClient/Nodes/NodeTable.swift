// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import CVMFSReader
internal import Dispatch
internal import Synchronization

/// The nodes that the kernel holds references to, by number.
///
/// The kernel may hold millions of them, so only a record of a fixed size is kept for each; what a node's row says is
/// kept for the last few thousand that were asked for, and is read again from the catalog for the others. All of it is
/// divided into shards by bits of the numbers.
package final class NodeTable: Sendable {
    /// How nodes get their numbers.
    let numbers: NodeNumbers
    /// Signalled when the table gets crowded.
    let crowded = DispatchSemaphore(value: 0)

    private let limit: Int
    private let shards = (0..<NodeNumbers.shardCount).map { _ in NodeShard() }
    private let total = Atomic(0)
    /// The table is crowded with more nodes than this.
    private let threshold: Atomic<Int>
    /// The shard in which the search for nodes to forget goes on.
    private let turn = Atomic(0)

    /// Makes a table that counts as crowded with more than `limit` nodes.
    package init(limit: Int, _ numbers: NodeNumbers) {
        self.limit = limit
        self.numbers = numbers
        threshold = Atomic(limit)
    }

    /// How many nodes the kernel knows.
    package var count: Int { total.load(ordering: .relaxed) }

    /// What is known of a number; `nil` if the kernel should not know it either.
    package subscript(number: UInt64) -> Known? { shard(of: number)[number] }

    /// Returns the node for an answer, and counts the reference that the kernel gets with it; the root's first one is
    /// that of the mount.
    ///
    /// - Returns: `nil` if the node of another place has the number: as likely as guessing a key.
    package func refer(to candidate: Candidate) -> Node? {
        let number = numbers.number(of: candidate.found.entry, at: candidate.place)
        switch shard(of: number).refer(to: candidate, number) {
        case .known(let node): return node
        case .taken: return nil
        case .added(let node):
            let count = total.add(1, ordering: .relaxed).newValue
            // Once, until somebody looked for nodes to forget.
            if count > threshold.load(ordering: .relaxed),
                threshold.exchange(.max, ordering: .relaxed) != .max
            {
                crowded.signal()
            }
            return node
        }
    }

    /// Replaces a directory by what a newer revision shows at its path, without counting a reference.
    package func renew(_ number: UInt64, _ candidate: Candidate) -> Node {
        let node = candidate.node(number)
        shard(of: number).renew(node, candidate)
        return node
    }

    /// Keeps what was read from a catalog for a node, unless the node is another one by now.
    func keep(_ node: Node, of located: Located) { shard(of: node.id).keep(node, of: located) }

    /// The kernel dropped references.
    package func forget(_ number: UInt64, _ count: UInt64) {
        guard number != NodeNumbers.root else { return }
        if shard(of: number).forget(number, count) { total.subtract(1, ordering: .relaxed) }
    }

    /// Nodes that nobody asked for since the last walk over them, for as many as are too many; the table counts as
    /// crowded again when it has grown by a sixteenth.
    package func unused() -> [UInt64] {
        let (count, unusedCount) = (count, count - limit / 8 * 7)
        threshold.store(max(limit, count) + limit / 16, ordering: .relaxed)
        var unused: [UInt64] = []
        // Two rounds: in the first all may have been asked for.
        for _ in 0..<(2 * shards.count) where unused.count < unusedCount {
            let shard = shards[turn.add(1, ordering: .relaxed).oldValue & (shards.count - 1)]
            unused += shard.unused(atMost: unusedCount - unused.count)
        }
        return unused
    }

    /// The numbers of all directories, for notifications.
    package func directories() -> [UInt64] { shards.flatMap { $0.directories } }

    /// Walks over all nodes, in slices that are copied one after the other, and without a lock while `body` runs.
    package func forEachSlice(_ body: ([Located]) -> Void) {
        for shard in shards {
            var (next, end) = (UInt32(0), UInt32(1))
            while next < end {
                let slice = shard.nodes(inSlots: next..<(next + 4096))
                (next, end) = (next + 4096, slice.end)
                body(slice.nodes)
            }
        }
    }

    /// The catalogs that hold the nodes.
    func shownCatalogs() -> [ShownCatalog] { Array(Set(shards.flatMap { $0.catalogs })) }

    /// Whether the kernel knows names that never change.
    var haveFrozenNames: Bool { shards.contains { $0.haveFrozenNames } }

    /// The number of the directory at a place; `nil` if the kernel does not know it.
    package func directory(at place: PathKey) -> UInt64? {
        let number = numbers.number(ofDirectoryAt: place)
        return shard(of: number).contains(number) ? number : nil
    }

    private func shard(of number: UInt64) -> NodeShard { shards[NodeNumbers.shard(of: number)] }
}

extension NodeTable {
    /// What is put into the table.
    package struct Candidate {
        package let path: [UInt8]
        package let found: FoundEntry
        /// The key of the path, or for a member of a hard link group that of its first member's path.
        package let place: PathKey
        package let epoch: UInt64
        package let linkTarget: [UInt8]

        /// Describes an entry as it is shown.
        package init(
            path: [UInt8],
            found: FoundEntry,
            place: PathKey,
            epoch: UInt64,
            linkTarget: [UInt8]
        ) {
            self.path = path
            self.found = found
            self.place = place
            self.epoch = epoch
            self.linkTarget = linkTarget
        }

        /// The catalog, with what precedes the paths of its tree here.
        var catalog: ShownCatalog {
            ShownCatalog(
                hash: found.catalog.hash,
                mountPath: found.catalog.mountPath,
                prefix: Array(path.dropLast(found.path.count))
            )
        }

        /// What is remembered for long.
        func record(_ number: UInt64, catalog: UInt32) -> NodeRecord {
            NodeRecord(
                number: number,
                place: place,
                rowID: found.entry.rowID,
                catalog: catalog,
                epoch: UInt32(truncatingIfNeeded: epoch),
                isDirectory: found.entry.isDirectory
            )
        }

        /// The node, under its number.
        func node(_ number: UInt64) -> Node {
            Node(id: number, path: path, found: found, epoch: epoch, place: place, linkTarget: linkTarget)
        }
    }

    /// Where the row of a node is that is not among the recent ones.
    package struct Located {
        package let record: NodeRecord
        let catalog: ShownCatalog

        /// The node's number.
        package var id: UInt64 { record.number }
    }

    /// What the table knows of a number.
    package enum Known {
        case node(Node)
        case located(Located)
    }
}
