// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import Digests

/// How nodes get their numbers.
///
/// Usually a number is that of a slot: cheap, and the kernel is the only one who knows it. A file server that exports
/// the mount hands numbers to its clients, who come back with them after the kernel forgot the node, or after the
/// client was started again. For them a number is derived from what the node is, so that it comes out the same again.
enum NodeIdentity: Equatable {
    case slots
    /// Numbers are hashes that begin with a secret, so that nobody can make two entries that have one number.
    case derived(secret: UInt64)

    /// The number of a node by what it is; `nil` if numbers are those of slots.
    ///
    /// A directory is its place; a file is its place and all that can be seen of it.
    func number(place: PathKey, appearance: UInt64, isDirectory: Bool) -> UInt64? {
        guard case .derived(let secret) = self else { return nil }
        if place == .root { return NodeSlots.rootID }
        var text: [UInt8] = []
        text.append(contentsOf: secret.littleEndianBytes)
        text.append(contentsOf: UInt64(bitPattern: place.first).littleEndianBytes)
        text.append(contentsOf: UInt64(bitPattern: place.second).littleEndianBytes)
        text.append(isDirectory ? 1 : 0)
        if !isDirectory { text.append(contentsOf: appearance.littleEndianBytes) }
        // 0 means none, and 1 is the root.
        return max(UInt64(bitPattern: PathKey(path: text).first), 2)
    }

    /// Stands for everything that can be seen through a node.
    func appearance(of entry: CatalogEntry) -> UInt64 {
        switch self {
        case .slots: NodeAppearance.fingerprint(of: entry)
        case .derived: NodeAppearance.lastingFingerprint(of: entry)
        }
    }
}

extension NodeAppearance {
    /// 64 bits of a hash that is the same in every run.
    static func lastingFingerprint(of entry: CatalogEntry) -> UInt64 {
        var text: [UInt8] = []
        for number in [
            UInt64(entry.mode), UInt64(entry.uid), UInt64(entry.gid), UInt64(bitPattern: entry.size),
            UInt64(bitPattern: entry.mtime), UInt64(bitPattern: Int64(entry.mtimeNanoseconds ?? -1)),
            UInt64(bitPattern: entry.flags.rawValue), UInt64(entry.linkCount),
            entry.linkGroup == 0 ? 0 : 1,
        ] { text.append(contentsOf: number.littleEndianBytes) }
        for bytes in [Array((entry.hash?.description ?? "").utf8), entry.linkTarget, entry.attributes ?? []] {
            text.append(contentsOf: UInt64(bytes.count).littleEndianBytes)
            text.append(contentsOf: bytes)
        }
        // The name of a member of a hard link group cannot be seen through the node, as with the other hash.
        return UInt64(bitPattern: PathKey(path: text).first)
    }
}

extension UInt64 {
    /// The eight bytes, lowest first.
    var littleEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}
