// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import MountClient
import Testing

@Suite("slots of nodes")
struct NodeSlotsTests {
    /// Numbers that share their lowest bits are pushed along in the table, over its end too.
    @Test("random insertions and removals leave what a dictionary has", arguments: [0x3f, 0x7ff, UInt64.max])
    func random(mask: UInt64) {
        var random = SystemRandomNumberGenerator()
        var (slots, model) = (NodeSlots(), [UInt64: Int64]())
        for step in Int64(0)..<20_000 {
            // More come than go for a while, so that the table grows, and then the other way round.
            if model.isEmpty || random.next() % 10 < (step < 10_000 ? 7 : 3) {
                let number = random.next() & mask | random.next() << 56
                guard model[number] == nil else { continue }
                slots.insert(record(number, row: step))
                model[number] = step
            } else if let number = model.keys.randomElement(), let slot = slots.slot(of: number) {
                slots.remove(slot)
                model[number] = nil
                #expect(slots.slot(of: number) == nil)
            }
            guard step % 1000 == 0 else { continue }
            expectEqual(slots, model)
        }
        expectEqual(slots, model)
    }

    @Test("a record is 56 bytes, and free slots are used again")
    func size() {
        #expect(MemoryLayout<NodeRecord>.stride == 56)
        var slots = NodeSlots()
        for number in UInt64(1)...100 { slots.insert(record(number, row: 0)) }
        let end = slots.end
        for round in UInt64(1)...50 {
            for number in UInt64(1)...100 {
                slots.slot(of: number + 100 * (round - 1)).map { slots.remove($0) }
            }
            for number in UInt64(1)...100 { slots.insert(record(number + 100 * round, row: 0)) }
        }
        #expect(slots.end == end)
    }

    private func expectEqual(_ slots: NodeSlots, _ model: [UInt64: Int64]) {
        #expect(slots.count == model.count)
        let found = (0..<slots.end).compactMap { slots.occupant(of: $0) }
        #expect(
            Dictionary(found.map { ($0.number, $0.rowID) }, uniquingKeysWith: { first, _ in first }) == model
        )
        for (number, row) in model { #expect(slots.slot(of: number).map { slots[$0].rowID } == row) }
    }

    private func record(_ number: UInt64, row: Int64) -> NodeRecord {
        NodeRecord(
            number: number,
            place: PathKey(first: Int64(truncatingIfNeeded: number), second: 0),
            rowID: row,
            catalog: 0,
            epoch: 1,
            isDirectory: false
        )
    }
}
