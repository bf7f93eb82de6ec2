// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The type of a tar member that stands for a file system entry.
package enum TarMemberType: Sendable, Hashable {
    case regular, hardLink, symbolicLink, characterDevice, blockDevice, directory, fifo
}

/// A run of data in a sparse member.
package struct SparseExtent: Hashable, Sendable {
    /// Where the data stand in the file.
    package var offset: Int64
    package var size: Int64

    package init(offset: Int64, size: Int64) {
        self.offset = offset
        self.size = size
    }
}

/// One entry of an archive, with all extended headers applied.
package struct TarMember: Sendable {
    package var type: TarMemberType
    /// The name as written, raw bytes: not normalised, never holding NUL.
    package var name: [UInt8]
    /// The target of a symbolic link, or the name of the member that a hard link names.
    package var linkTarget: [UInt8] = []
    /// Permission bits with set-uid, set-gid and sticky: 07777 at most.
    package var permissions: UInt32 = 0
    package var uid: UInt32 = 0
    package var gid: UInt32 = 0
    /// Size of the file in bytes, holes included; 0 for everything but regular files.
    package var size: Int64 = 0
    /// Modification time, whole seconds since 1970, rounded down.
    package var mtime: Int64 = 0
    /// 0 to 999,999,999.
    package var mtimeNanoseconds: Int32 = 0
    package var deviceMajor: UInt32 = 0
    package var deviceMinor: UInt32 = 0
    /// The `SCHILY.xattr.` records, in the order of the archive.
    package var extendedAttributes: [(name: [UInt8], value: [UInt8])] = []

    package init(type: TarMemberType, name: [UInt8]) {
        self.type = type
        self.name = name
    }
}
