// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat

/// The records of the nodes of one shard, by number.
///
/// Slots are allocated in pages, so that growing never copies them; numbers are found by open addressing in a table of
/// the slots' indices. A number is a hash under a secret, so its lowest bits are as good a place in the table as any.
package struct NodeSlots {
    private static let pageSize = 256

    /// How many nodes there are.
    package private(set) var count = 0
    /// One more than the highest index ever used; slot 0 stays empty.
    package private(set) var end: UInt32 = 1

    private var pages: [[NodeRecord]] = []
    /// Slots that were used and are free now, by index.
    private var free: [UInt32] = []
    /// Indices, by number; 0 is empty.
    private var table = [UInt32](repeating: 0, count: 64)

    /// No nodes.
    package init() {}

    /// The slot of a number; `nil` if the node is not known.
    package func slot(of number: UInt64) -> UInt32? {
        let index = table[position(of: number)]
        return index == 0 ? nil : index
    }

    /// The record in a slot that was found, and stays until it is removed.
    package subscript(slot: UInt32) -> NodeRecord {
        get { pages[Int(slot) / Self.pageSize][Int(slot) % Self.pageSize] }
        _modify { yield &pages[Int(slot) / Self.pageSize][Int(slot) % Self.pageSize] }
    }

    /// The record in a slot; `nil` if it is free.
    package func occupant(of slot: UInt32) -> NodeRecord? {
        guard slot > 0, slot < end else { return nil }
        let record = self[slot]
        return record.references > 0 ? record : nil
    }

    /// Adds a node whose number is not in use.
    package mutating func insert(_ record: NodeRecord) {
        let index = free.popLast() ?? end
        if index == end {
            if Int(end) / Self.pageSize >= pages.count {
                pages.append([NodeRecord](repeating: .empty, count: Self.pageSize))
            }
            end += 1
        }
        self[index] = record
        count += 1
        if count * 4 > table.count * 3 { growTable() }
        table[position(of: record.number)] = index
    }

    /// Frees the slot of a node.
    package mutating func remove(_ slot: UInt32) {
        vacate(position(of: self[slot].number))
        self[slot].references = 0
        free.append(slot)
        count -= 1
    }

    // MARK: the table

    /// Where a number is in the table, or would be.
    private func position(of number: UInt64) -> Int {
        var position = home(of: number)
        while table[position] != 0, self[table[position]].number != number {
            position = (position + 1) & (table.count - 1)
        }
        return position
    }

    private func home(of number: UInt64) -> Int { Int(truncatingIfNeeded: number) & (table.count - 1) }

    /// Empties a position and moves up those that were pushed down by it.
    private mutating func vacate(_ position: Int) {
        let mask = table.count - 1
        var (hole, next) = (position, (position + 1) & mask)
        while table[next] != 0 {
            let distance = (next - home(of: self[table[next]].number)) & mask
            if distance >= (next - hole) & mask {
                table[hole] = table[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        table[hole] = 0
    }

    private mutating func growTable() {
        let old = table
        table = [UInt32](repeating: 0, count: old.count * 2)
        for index in old where index != 0 { table[position(of: self[index].number)] = index }
    }
}

extension NodeRecord {
    /// What a slot holds before its first use.
    fileprivate static let empty = {
        var record = NodeRecord(
            number: 0,
            place: PathKey(first: 0, second: 0),
            rowID: 0,
            catalog: 0,
            epoch: 0,
            isDirectory: false
        )
        record.references = 0
        return record
    }()
}
