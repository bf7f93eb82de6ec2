// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
internal import Digests

/// The numbers that the kernel knows nodes by, derived from what a node is.
///
/// A directory is its place; anything else is its place and all that can be seen of it. So a number stands for one
/// content for ever, and comes out the same again: after the kernel forgot the node, and in a client that was started
/// anew with the same secret. Without the secret nobody can make two entries that have one number.
package struct NodeNumbers: Sendable, Equatable {
    /// The number of the root, fixed by the protocol.
    package static let root: UInt64 = 1
    /// Into how many shards numbers are divided, by their highest bits.
    package static let shardCount = 16

    private let secret: UInt64

    /// Numbers under a secret.
    package init(secret: UInt64) { self.secret = secret }

    /// The number of an entry.
    ///
    /// - Parameters:
    ///   - entry: what is there.
    ///   - place: the key of its path, or for a member of a hard link group that of its first member's path.
    /// - Returns: a number from 2 on, or that of the root.
    package func number(of entry: CatalogEntry, at place: PathKey) -> UInt64 {
        guard !entry.isDirectory else { return number(ofDirectoryAt: place) }
        var hash = begun(at: place)
        // Directories end before this word. Neither its row nor the name of a member of a hard link group can be seen
        // through a node.
        hash.combine(entry.linkGroup == 0 ? 1 : 2)
        hash.combine(UInt64(entry.mode) << 32 | UInt64(entry.linkCount))
        hash.combine(UInt64(entry.uid) << 32 | UInt64(entry.gid))
        hash.combine(UInt64(bitPattern: entry.size))
        hash.combine(UInt64(bitPattern: entry.mtime))
        hash.combine(UInt64(bitPattern: Int64(entry.mtimeNanoseconds ?? -1)))
        hash.combine(UInt64(bitPattern: entry.flags.rawValue))
        if let content = entry.hash {
            hash.combine(UInt64(content.algorithm.rawValue) + 1)
            hash.combine(content.bytes)
        } else {
            hash.combine(0)
        }
        hash.combine(entry.linkTarget)
        hash.combine(entry.attributes ?? [])
        return usable(hash)
    }

    /// The number that the directory at a place has, whether the kernel knows it or not.
    package func number(ofDirectoryAt place: PathKey) -> UInt64 {
        place == .root ? Self.root : usable(begun(at: place))
    }

    /// The shard of a number.
    static func shard(of number: UInt64) -> Int { Int(number >> 60) }

    private func begun(at place: PathKey) -> KeyedHash {
        var hash = KeyedHash(key: (secret, ~secret))
        hash.combine(UInt64(bitPattern: place.first))
        hash.combine(UInt64(bitPattern: place.second))
        return hash
    }

    /// 0 means none, and 1 is the root.
    private func usable(_ hash: KeyedHash) -> UInt64 { max(hash.finished(), 2) }
}
