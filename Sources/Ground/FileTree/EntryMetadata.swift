// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What a file system entry is.
package enum EntryKind: UInt8, Sendable, CaseIterable {
    case directory = 0
    case regular = 1
    case symbolicLink = 2
    case characterDevice = 3
    case blockDevice = 4
    case fifo = 5
    case socket = 6
}

/// A time with nanoseconds.
package struct ModificationTime: Hashable, Sendable {
    /// Whole seconds since 1970, rounded down; may be negative.
    package var seconds: Int64
    /// 0 to 999,999,999.
    package var nanoseconds: Int32

    package init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }
}

/// An extended attribute as an archive gives it: nothing is known of its validity.
package struct RawAttribute: Hashable, Sendable {
    package var name: [UInt8]
    package var value: [UInt8]

    package init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// The attributes that every entry has.
package struct EntryMetadata: Hashable, Sendable {
    /// 07777 at most.
    package var permissions: UInt16
    package var uid: UInt32
    package var gid: UInt32
    package var mtime: ModificationTime
    package var attributes: [RawAttribute]

    package init(
        permissions: UInt16,
        uid: UInt32 = 0,
        gid: UInt32 = 0,
        mtime: ModificationTime,
        attributes: [RawAttribute] = []
    ) {
        self.permissions = permissions
        self.uid = uid
        self.gid = gid
        self.mtime = mtime
        self.attributes = attributes
    }
}
