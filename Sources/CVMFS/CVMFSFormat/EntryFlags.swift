// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// How the bytes of an object relate to the content that it stands for.
///
/// - Source: cvmfs-format A.5; the raw value is stored in bits 11 to 13 of `flags`.
package enum ObjectCompression: UInt8, Sendable {
    case zlib = 0
    case none = 1

    /// The name in `user.compression` and in configuration.
    package var name: String { self == .zlib ? "zlib" : "none" }
}

/// The `flags` column of a catalog row.
///
/// | bits | mask | meaning |
/// |---|---|---|
/// | 0 | 0x1 | directory |
/// | 1 | 0x2 | nested catalog mountpoint (row in the parent) |
/// | 2 | 0x4 | file: regular, symbolic link or special |
/// | 3 | 0x8 | symbolic link |
/// | 4 | 0x10 | special: device, FIFO, socket |
/// | 5 | 0x20 | nested catalog root (row in the child) |
/// | 6 | 0x40 | chunked file |
/// | 7 | 0x80 | external file |
/// | 8–10 | 0x700 | algorithm of the content hash |
/// | 11–13 | 0x3800 | compression of the content |
/// | 14 | 0x4000 | bind mountpoint |
/// | 15 | 0x8000 | hidden |
/// | 16 | 0x10000 | direct I/O |
///
/// - Source: cvmfs-format C.6.
package struct EntryFlags: OptionSet, Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }

    package static let directory = EntryFlags(rawValue: 1 << 0)
    package static let nestedMountpoint = EntryFlags(rawValue: 1 << 1)
    package static let file = EntryFlags(rawValue: 1 << 2)
    package static let symbolicLink = EntryFlags(rawValue: 1 << 3)
    package static let special = EntryFlags(rawValue: 1 << 4)
    package static let nestedRoot = EntryFlags(rawValue: 1 << 5)
    package static let chunked = EntryFlags(rawValue: 1 << 6)
    package static let external = EntryFlags(rawValue: 1 << 7)
    package static let bindMountpoint = EntryFlags(rawValue: 1 << 14)
    package static let hidden = EntryFlags(rawValue: 1 << 15)
    package static let directIO = EntryFlags(rawValue: 1 << 16)

    /// The algorithm of the content hash; `nil` if the bits name none that is known.
    package var algorithm: ContentHashAlgorithm? {
        ContentHashAlgorithm(rawValue: UInt8(rawValue >> 8 & 7))
    }

    /// The compression of the content; `nil` if the bits name none that is known.
    package var compression: ObjectCompression? {
        ObjectCompression(rawValue: UInt8(rawValue >> 11 & 7))
    }

    /// The flags of a regular file.
    package static func regular(
        _ algorithm: ContentHashAlgorithm,
        _ compression: ObjectCompression,
        chunked: Bool
    ) -> EntryFlags {
        let content = EntryFlags(rawValue: Int64(algorithm.rawValue) << 8 | Int64(compression.rawValue) << 11)
        return chunked ? [.file, .chunked, content] : [.file, content]
    }
}
