// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import CVMFSReader
import Digests
import Dispatch
import MountClient
import Synchronization
import Testing

@Suite("the table of nodes")
struct NodeTableTests {
    private let table = NodeTable(limit: 1000, NodeNumbers(secret: 7))

    @Test("a file that changes has another number, and its former one when it is again what it was")
    func changes() throws {
        let first = try refer("/f", version: 1, epoch: 1)
        let second = try refer("/f", version: 2, epoch: 2)
        #expect(first.id != second.id)
        #expect(try refer("/f", version: 1, epoch: 3).id == first.id)
        #expect(table.count == 2)
        // Two answers named the first one.
        table.forget(first.id, 1)
        #expect(table[first.id] != nil)
        table.forget(first.id, 1)
        #expect(table[first.id] == nil)
        #expect(table.count == 1)
    }

    @Test("a directory keeps its number, is found by its place, and shows the newer revision")
    func directories() throws {
        let old = try refer("/d", isDirectory: true, epoch: 1)
        #expect(table.directory(at: key("/d")) == old.id)
        #expect(table.directory(at: key("/e")) == nil)
        let new = table.renew(old.id, candidate("/d", isDirectory: true, epoch: 2))
        #expect((new.id, new.epoch) == (old.id, 2))
        guard case .node(let kept) = table[old.id] else {
            Issue.record("the node is not among the recent ones")
            return
        }
        #expect(kept === new)
        #expect(table.directories() == [old.id])
    }

    @Test("the root has the number of the protocol, and nobody makes it forgotten")
    func root() throws {
        let root = try refer("", isDirectory: true, epoch: 1)
        #expect(root.id == NodeNumbers.root)
        table.forget(root.id, .max)
        #expect(table[root.id] != nil)
    }

    @Test("whatever became of two kinds of entries at one place, each has its own node")
    func kinds() throws {
        let directory = try refer("/x", isDirectory: true, epoch: 1)
        let file = try refer("/x", epoch: 2)
        #expect(directory.id != file.id)
        #expect(table.directory(at: key("/x")) == directory.id)
    }

    @Test("with too many nodes those that nobody asked for are named, each once")
    func unused() throws {
        let numbers = try (0..<4000).map { try refer("/f\($0)", epoch: 1).id }
        // All were just asked for: the first round takes note of it, the second names them.
        let unused = table.unused()
        #expect(unused.count == 4000 - 1000 / 8 * 7)
        #expect(Set(unused).count == unused.count)
        for number in unused { table.forget(number, 1) }
        #expect(table.count == 1000 / 8 * 7)
        #expect(table.unused() == [])
        #expect(Set(unused).isSubset(of: numbers))
    }

    @Test("a node that is asked for is named after those that are not")
    func recent() throws {
        let numbers = try (0..<2000).map { try refer("/f\($0)", epoch: 1).id }
        _ = table.unused()
        _ = table.unused()
        let wanted = Set(numbers[..<500])
        for number in wanted { _ = table[number] }
        let unused = Set(table.unused())
        // One round over all shards, or none of them is left out.
        #expect(unused.intersection(wanted).count < 500)
        #expect(unused.count == 2000 - 875)
    }

    @Test("a walk comes to every node, though others come and go meanwhile")
    func walk() throws {
        let numbers = Set(try (0..<9000).map { try refer("/f\($0)", epoch: 1).id })
        var (seen, others) = (Set<UInt64>(), 0)
        table.forEachSlice { nodes in
            seen.formUnion(nodes.map { $0.id })
            others += 1
            _ = table.refer(to: candidate("/other\(others)", epoch: 1))
        }
        #expect(numbers.isSubset(of: seen))
    }

    @Test("threads that refer and forget at once leave as many references as were not forgotten")
    func threads() {
        let kept = Mutex<[UInt64: Int]>([:])
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            var (random, held) = (SystemRandomNumberGenerator(), [UInt64: Int]())
            for step in 0..<20_000 {
                if random.next() % 3 == 0, let number = held.keys.first,
                    let count = held.removeValue(forKey: number)
                {
                    table.forget(number, UInt64(count))
                } else {
                    let path = "/f\(random.next() % 500)"
                    let candidate = candidate(path, isDirectory: step % 2 == 0, epoch: UInt64(step / 1000))
                    guard let node = table.refer(to: candidate) else { continue }
                    held[node.id, default: 0] += 1
                }
            }
            kept.withLock { $0.merge(held) { $0 + $1 } }
        }
        let held = kept.withLock { $0 }
        #expect(table.count == held.count)
        for (number, count) in held {
            #expect(table[number] != nil)
            table.forget(number, UInt64(count))
            #expect(table[number] == nil)
        }
        #expect(table.count == 0)
    }

    private func refer(
        _ path: String,
        version: Int64 = 1,
        isDirectory: Bool = false,
        epoch: UInt64
    ) throws -> Node {
        let candidate = candidate(path, version: version, isDirectory: isDirectory, epoch: epoch)
        return try #require(table.refer(to: candidate))
    }

    private func candidate(
        _ path: String,
        version: Int64 = 1,
        isDirectory: Bool = false,
        epoch: UInt64
    ) -> NodeTable.Candidate {
        let bytes = Array(path.utf8)
        let entry = CatalogEntry(
            name: Array(bytes.dropFirst()),
            mode: isDirectory ? 0o040755 : 0o100644,
            size: version,
            flags: isDirectory ? .directory : .file,
            rowID: 1
        )
        // Each revision has a root catalog of its own.
        let hash = ContentHash(.shake128, of: [UInt8(truncatingIfNeeded: epoch)])
        return NodeTable.Candidate(
            path: bytes,
            found: FoundEntry(entry: entry, catalog: CatalogPlace(hash: hash, mountPath: []), path: bytes),
            place: key(path),
            epoch: epoch,
            linkTarget: []
        )
    }

    private func key(_ path: String) -> PathKey { PathKey(path: Array(path.utf8)) }
}
