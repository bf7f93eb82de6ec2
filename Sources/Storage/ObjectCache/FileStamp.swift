// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#endif

/// What tells whether a file was touched since it was verified.
struct FileStamp: Sendable, Hashable {
    let size: Int64
    /// How many names the file has: none once it was evicted or removed.
    let linkCount: UInt64
    private let inode: UInt64
    private let modified: Int64
    private let changed: Int64

    /// Looks at an open file; `nil` if that fails or it is no regular file.
    init?(of descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        size = Int64(status.st_size)
        linkCount = UInt64(status.st_nlink)
        inode = UInt64(status.st_ino)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// Whether nobody wrote to the file in between, as far as its times tell; a link that went changes other times.
    func hasSameContentTime(as other: FileStamp) -> Bool {
        inode == other.inode && modified == other.modified
    }

    /// 64 bits of a hash that is seeded anew at each start; never 0.
    ///
    /// It stands for the stamp where one is kept for each of many files.
    var fingerprint: UInt64 {
        var hasher = Hasher()
        hasher.combine(self)
        return max(UInt64(bitPattern: Int64(hasher.finalize())), 1)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
