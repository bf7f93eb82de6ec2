// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Testing
import TransferPlanning

@Suite("the table of proxies")
struct ProxyTableTests {
    private static func proxy(_ name: String) -> ProxyMember {
        let address = ProxyAddress(host: name, port: 3128)
        return ProxyMember(address, at: address)
    }

    private let a = proxy("a")
    private let b = proxy("b")
    private let c = proxy("c")
    private let d = proxy("d")

    private func use(
        _ table: inout ProxyTable,
        _ path: String = "x",
        avoiding avoided: Set<ProxyMember> = [],
        at second: Int = 0,
        draw: UInt64 = 0
    ) -> ProxyMember? {
        table.member(for: path, avoiding: avoided, at: .seconds(second), draw: draw)
    }

    @Test("a member is drawn once and kept")
    func drawn() {
        var table = ProxyTable([[a, b], [c]], resetAfter: nil)
        #expect(use(&table, draw: 1) == b)
        #expect(use(&table, draw: 0) == b)
        table.rebalance()
        #expect(use(&table, draw: 0) == a)
    }

    @Test("a burned member's group goes on without it, then the next group, then all again")
    func burning() {
        var table = ProxyTable([[a, b], [c]], resetAfter: nil)
        #expect(use(&table) == a)
        #expect(table.burn(a, at: .zero) == true)
        #expect(table.burn(a, at: .zero) == false)
        #expect(use(&table) == b)
        table.burn(b, at: .zero)
        #expect(use(&table) == c)
        table.burn(c, at: .zero)
        #expect(use(&table) == a)
    }

    @Test("after a while the first group is used again")
    func reset() {
        var table = ProxyTable([[a], [c]], resetAfter: .seconds(300))
        _ = use(&table)
        table.burn(a, at: .seconds(10))
        #expect(use(&table, at: 309) == c)
        #expect(use(&table, at: 310) == a)
        #expect(use(&table, at: 400) == a)
    }

    @Test("what one transfer has tried in vain, others go on using")
    func avoiding() {
        var table = ProxyTable([[a, b], [c]], resetAfter: nil)
        #expect(use(&table) == a)
        #expect(use(&table, avoiding: [a]) == b)
        #expect(use(&table, avoiding: [a, b]) == c)
        #expect(use(&table, avoiding: [a, b, c]) == nil)
        #expect(use(&table) == a)
    }

    @Test("a transfer tries also what others have burned, before it gives up")
    func lastResort() {
        var table = ProxyTable([[a, b]], resetAfter: nil)
        table.burn(a, at: .zero)
        table.burn(b, at: .zero)
        #expect(use(&table) == a)
        table.burn(a, at: .zero)
        #expect(use(&table, avoiding: [a]) == b)
        #expect(use(&table, avoiding: [a, b]) == nil)
    }

    @Test("other addresses of a name keep what is known of those that stay")
    func replacing() {
        var table = ProxyTable([[a, b]], resetAfter: nil)
        _ = use(&table)
        table.burn(a, at: .zero)
        #expect(use(&table) == b)
        table.replace([[b, a, d]])
        #expect(use(&table, draw: 2) == b)
        table.burn(b, at: .zero)
        #expect(use(&table) == d)
        table.replace([[]])
        #expect(use(&table) == nil)
    }

    @Test("paths are spread over a group, each keeps its proxy, and one that goes moves only its own")
    func sharding() {
        var table = ProxyTable([[a, b, c], [d]], resetAfter: nil, isSharded: true)
        let paths = (0..<3000).map { "data/\($0 % 256)/\($0)" }
        let before = paths.map { use(&table, $0) }
        for member in [a, b, c] { #expect(before.filter { $0 == member }.count > 300) }
        table.burn(b, at: .zero)
        for (path, old) in zip(paths, before) {
            let new = use(&table, path)
            #expect(old == b ? new == a || new == c : new == old)
        }
    }

    @Test("whatever happens, a member that may be tried is found, and only such a one")
    func law() {
        var generator = SplitMix(state: 5)
        let all = [a, b, c, d]
        var table = ProxyTable([[a, b], [c], [d]], resetAfter: .seconds(30))
        for second in 0..<20_000 {
            let avoided = Set(all.filter { _ in generator.next() % 3 == 0 })
            let member = use(&table, avoiding: avoided, at: second, draw: generator.next())
            #expect((member == nil) == (avoided.count == 4))
            if let member {
                #expect(!avoided.contains(member))
                if generator.next() % 2 == 0 { table.burn(member, at: .seconds(second)) }
            }
            if generator.next() % 50 == 0 { table.switchGroup(at: .seconds(second)) }
        }
    }
}

/// Random numbers that are the same each time.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
