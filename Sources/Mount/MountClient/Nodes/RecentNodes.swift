// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The nodes of one shard that were asked for last, with what their rows say, so that a directory is not read from its
/// catalog for every look-up in it.
///
/// A number chooses a set by its lowest bits, which are those of a hash, and a set holds four nodes: what is asked for
/// moves to the front, and what is new pushes the last one out.
struct RecentNodes {
    private static let wayCount = 4
    /// All shards together keep up to 4096 nodes.
    private static let setCount = 1024 / NodeNumbers.shardCount

    private struct Place {
        /// 0 for a place that is free.
        var number: UInt64 = 0
        var node: Node?
    }

    private var places = [Place](repeating: Place(), count: setCount * wayCount)

    /// The node of a number, if it is here.
    mutating func find(_ number: UInt64) -> Node? {
        guard let index = index(of: number) else { return nil }
        return places[moveToFront(index)].node
    }

    /// Keeps a node in place of what was kept under its number.
    mutating func keep(_ node: Node) {
        let index = index(of: node.id) ?? start(of: node.id) + Self.wayCount - 1
        places[index] = Place(number: node.id, node: node)
        _ = moveToFront(index)
    }

    /// Drops a node.
    mutating func drop(_ number: UInt64) {
        if let index = index(of: number) { places[index] = Place() }
    }

    private func index(of number: UInt64) -> Int? {
        let start = start(of: number)
        return (start..<start + Self.wayCount).first { places[$0].number == number }
    }

    private mutating func moveToFront(_ index: Int) -> Int {
        let start = index & ~(Self.wayCount - 1)
        for index in stride(from: index, to: start, by: -1) { places.swapAt(index, index - 1) }
        return start
    }

    private func start(of number: UInt64) -> Int {
        (Int(truncatingIfNeeded: number) & (Self.setCount - 1)) * Self.wayCount
    }
}
