// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat

/// The records of all nodes, by number and by place.
///
/// A node's number is the index of its slot and, in the upper half, how often that slot was freed before: a number is
/// never used again. Or it is derived from what the node is (see `NodeIdentity`), and found by a table of its own. Slots are allocated in pages, so that growing never copies them; places are found by open
/// addressing in a table of indices.
struct NodeSlots {
    /// The number of the root, fixed by the protocol.
    static let rootID: UInt64 = 1
    private static let pageSize = 1 << 12

    /// How many nodes there are.
    private(set) var count = 0

    private var pages: [[NodeRecord]] = []
    /// Slots that were used and are free now, by index.
    private var free: [UInt32] = []
    /// One more than the highest index ever used; slot 0 stays empty, and slot 1 is the root.
    private(set) var end: UInt32 = 1
    /// Indices, by a hash of the place; 0 is empty.
    private var table = [UInt32](repeating: 0, count: 64)
    /// How numbers are made.
    let identity: NodeIdentity
    /// For derived numbers: the number of each slot, and the slot of each number.
    private var derived: [UInt32: UInt64] = [:]
    private var indices: [UInt64: UInt32] = [:]

    init(_ identity: NodeIdentity = .slots) { self.identity = identity }

    /// The record of a number; `nil` if the node is not known.
    subscript(id: UInt64) -> NodeRecord? {
        let index = index(of: id)
        guard index > 0, index < end else { return nil }
        let record = self[slot: index]
        return record.references > 0 && self.id(index, record) == id ? record : nil
    }

    /// The number and record in a slot; `nil` if it is free.
    func occupant(of index: UInt32) -> (id: UInt64, record: NodeRecord)? {
        guard index > 0, index < end else { return nil }
        let record = self[slot: index]
        return record.references > 0 ? (id(index, record), record) : nil
    }

    /// The number of the node at a place.
    func id(at place: PathKey) -> UInt64? {
        let index = table[position(of: place)]
        return index == 0 ? nil : id(index, self[slot: index])
    }

    /// Makes a node the one of its place, after another had taken it.
    mutating func restore(_ id: UInt64) {
        let index = index(of: id)
        table[position(of: self[slot: index].place)] = index
    }

    /// Adds a node and makes it the one of its place; the first is the root.
    ///
    /// A derived number must not be in use.
    mutating func insert(_ record: NodeRecord) -> UInt64 {
        let index = free.popLast() ?? end
        if index == end {
            if Int(end) / Self.pageSize >= pages.count {
                pages.append([NodeRecord](repeating: .empty, count: Self.pageSize))
            }
            end += 1
        }
        var record = record
        record.generation = self[slot: index].generation
        self[slot: index] = record
        count += 1
        if count * 4 > table.count * 3 { growTable() }
        table[position(of: record.place)] = index
        if let number = number(of: record) {
            derived[index] = number
            indices[number] = index
        }
        return id(index, record)
    }

    /// The number that a record has by what it says; `nil` if numbers are those of slots.
    func number(of record: NodeRecord) -> UInt64? {
        identity.number(
            place: record.place,
            appearance: record.appearance,
            isDirectory: record.isDirectory
        )
    }

    /// Changes the record of a node that is known.
    mutating func update(_ id: UInt64, _ change: (inout NodeRecord) -> Void) {
        change(&self[slot: index(of: id)])
    }

    /// Frees the slot of a node.
    mutating func remove(_ id: UInt64) {
        let index = index(of: id)
        let position = position(of: self[slot: index].place)
        // Another node may have taken the place.
        if table[position] == index { vacate(position) }
        self[slot: index].references = 0
        self[slot: index].generation &+= 1
        if let number = derived.removeValue(forKey: index) { indices[number] = nil }
        free.append(index)
        count -= 1
    }

    private func id(_ index: UInt32, _ record: NodeRecord) -> UInt64 {
        identity == .slots ? UInt64(record.generation) << 32 | UInt64(index) : derived[index] ?? 0
    }

    /// The slot that a number would be in; 0 if it is not known.
    private func index(of id: UInt64) -> UInt32 {
        identity == .slots ? UInt32(truncatingIfNeeded: id) : indices[id] ?? 0
    }

    private subscript(slot index: UInt32) -> NodeRecord {
        get { pages[Int(index) / Self.pageSize][Int(index) % Self.pageSize] }
        _modify { yield &pages[Int(index) / Self.pageSize][Int(index) % Self.pageSize] }
    }

    // MARK: places

    /// Where a place is in the table, or would be.
    private func position(of place: PathKey) -> Int {
        var position = home(of: place)
        while table[position] != 0, self[slot: table[position]].place != place {
            position = (position + 1) & (table.count - 1)
        }
        return position
    }

    /// A path key is a digest of a path that a publisher chose, so it is hashed again with a seed.
    private func home(of place: PathKey) -> Int { place.hashValue & (table.count - 1) }

    /// Empties a position and moves up those that were pushed down by it.
    private mutating func vacate(_ position: Int) {
        let mask = table.count - 1
        var (hole, next) = (position, (position + 1) & mask)
        while table[next] != 0 {
            let distance = (next - home(of: self[slot: table[next]].place)) & mask
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
        for index in old where index != 0 { table[position(of: self[slot: index].place)] = index }
    }
}

extension NodeRecord {
    /// What a slot holds before its first use.
    fileprivate static let empty = NodeRecord(
        place: PathKey(first: 0, second: 0),
        rowID: 0,
        appearance: 0,
        references: 0,
        catalog: 0,
        epoch: 0,
        generation: 0,
        isDirectory: false,
        isRecent: false
    )
}
