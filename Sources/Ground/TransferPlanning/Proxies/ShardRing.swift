// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Spreads paths over the proxies of a group so that each path has one owner, and a proxy that goes moves only its own paths.
///
/// Consistent hashing with 16 places on the ring for each proxy. - Source: cvmfs-format H.2, CVMFS_PROXY_SHARD.
struct ShardRing {
    private static let placesPerProxy = 16
    private let places: [(position: UInt64, owner: Int)]

    /// Gives each of some names its places; there is at least one.
    init(_ names: [String]) {
        places = names.enumerated().flatMap { owner, name in
            (0..<Self.placesPerProxy).map { (Self.position("\(name)#\($0)"), owner) }
        }
        .sorted { $0.0 < $1.0 }
    }

    /// The position of the name that a path belongs to.
    func owner(of path: String) -> Int {
        let position = Self.position(path)
        return (places.first { $0.position >= position } ?? places.first)?.owner ?? 0
    }

    /// FNV-1a with a final mix: it must be the same on all nodes, or their proxies would share nothing.
    private static func position(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        return hash ^ (hash >> 33)
    }
}
