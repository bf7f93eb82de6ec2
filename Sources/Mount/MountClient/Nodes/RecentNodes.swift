// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The nodes of one shard that were asked for last, with what their rows say, so that a directory is not read from its catalog for
/// every look-up in it.
///
/// Two halves: when the younger one is full it becomes the older one, and what is still asked for moves back.
struct RecentNodes {
    /// All shards together keep up to 4096.
    private static let halfCount = 2048 / NodeNumbers.shardCount

    private var young: [UInt64: Node] = [:]
    private var old: [UInt64: Node] = [:]

    /// The node of a number, if it is here.
    mutating func find(_ id: UInt64) -> Node? {
        if let node = young[id] { return node }
        guard let node = old.removeValue(forKey: id) else { return nil }
        keep(node)
        return node
    }

    /// Keeps a node in place of what was kept under its number.
    mutating func keep(_ node: Node) {
        if young.count >= Self.halfCount {
            old = young
            young = Dictionary(minimumCapacity: Self.halfCount)
        }
        old[node.id] = nil
        young[node.id] = node
    }

    /// Drops a node.
    mutating func drop(_ id: UInt64) {
        young[id] = nil
        old[id] = nil
    }
}
