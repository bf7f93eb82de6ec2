// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// The type of a file system entry, told by the type bits of its mode.
package enum EntryType: UInt32, Sendable, CaseIterable {
    case fifo = 0o010000
    case characterDevice = 0o020000
    case directory = 0o040000
    case blockDevice = 0o060000
    case regular = 0o100000
    case symbolicLink = 0o120000
    case socket = 0o140000

    /// The bits of a mode that hold the type.
    package static let mask: UInt32 = 0o170000
}

/// One row of a catalog: a directory, file, link or special entry.
///
/// - Source: cvmfs-format C.2, C.7.
package struct CatalogEntry: Hashable, Sendable {
    /// The last component of the path as raw bytes; empty for the repository's root.
    package var name: [UInt8]
    /// The full `st_mode`, type bits included.
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// Plain size in bytes; for devices the device number in the kernel's encoding.
    package var size: Int64
    /// Modification time, whole seconds since 1970; may be negative.
    package var mtime: Int64
    /// Nanoseconds of the modification time, 0 to 999,999,999; `nil` where the writer did not keep them.
    package var mtimeNanoseconds: Int32?
    package var flags: EntryFlags
    /// The content object of a regular file that is not chunked.
    package var hash: ContentHash?
    /// The target of a symbolic link, verbatim; else empty.
    package var linkTarget: [UInt8]
    /// The hard link group, unique inside one catalog; 0 for none.
    package var linkGroup: UInt32
    /// The link count.
    package var linkCount: UInt32
    /// The encoded extended attributes (see `ExtendedAttributes`); `nil` for none.
    package var attributes: [UInt8]?
    /// The row number in its catalog, from which inode numbers are made; 0 for an entry not yet written.
    package var rowID: Int64

    package init(
        name: [UInt8],
        mode: UInt32,
        uid: UInt32 = 0,
        gid: UInt32 = 0,
        size: Int64 = 0,
        mtime: Int64 = 0,
        mtimeNanoseconds: Int32? = nil,
        flags: EntryFlags,
        hash: ContentHash? = nil,
        linkTarget: [UInt8] = [],
        linkGroup: UInt32 = 0,
        linkCount: UInt32 = 1,
        attributes: [UInt8]? = nil,
        rowID: Int64 = 0
    ) {
        self.name = name
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.size = size
        self.mtime = mtime
        self.mtimeNanoseconds = mtimeNanoseconds
        self.flags = flags
        self.hash = hash
        self.linkTarget = linkTarget
        self.linkGroup = linkGroup
        self.linkCount = linkCount
        self.attributes = attributes
        self.rowID = rowID
    }

    /// The type by the mode; `nil` for type bits that mean nothing.
    package var type: EntryType? { EntryType(rawValue: mode & EntryType.mask) }

    package var isDirectory: Bool { flags.contains(.directory) }

    /// A regular file, chunked and external ones included.
    package var isRegular: Bool {
        flags.contains(.file) && flags.isDisjoint(with: [.symbolicLink, .special])
    }

    /// The value of the `hardlinks` column: group in the upper half, count in the lower.
    package var hardlinks: Int64 { Int64(bitPattern: UInt64(linkGroup) << 32 | UInt64(linkCount)) }
}

/// One chunk of a chunked file.
///
/// - Source: cvmfs-format C.11.
package struct FileChunk: Hashable, Sendable {
    /// Where the chunk begins in the plain file.
    package var offset: Int64
    /// Plain size in bytes.
    package var size: Int64
    /// The chunk's object (kind `chunk`).
    package var hash: ContentHash

    package init(offset: Int64, size: Int64, hash: ContentHash) {
        self.offset = offset
        self.size = size
        self.hash = hash
    }
}

/// A reference from a catalog to another: a nested catalog or a bind mountpoint.
///
/// - Source: cvmfs-format C.13, C.15.
package struct CatalogReference: Hashable, Sendable {
    /// The mount path with a leading `/`.
    package var path: [UInt8]
    package var hash: ContentHash
    /// Bytes of the database, not compressed; 0 where a writer did not say.
    package var size: Int64

    package init(path: [UInt8], hash: ContentHash, size: Int64) {
        self.path = path
        self.hash = hash
        self.size = size
    }
}
