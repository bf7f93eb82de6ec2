// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat

/// The inode numbers that programs see.
///
/// They are derived from the path, so that the same place has the same number in every revision, on every node and
/// after every restart. What is derived can collide: two of n entries have the same number with a chance of about
/// n² / 2⁶⁵, or in 32 bits n² / 2³³. So the 32 bits are divided such that an equal number does not deceive:
///
/// | bits 31, 30 | entries | why they are apart |
/// |---|---|---|
/// | 1 and any | everything else | programs compare numbers only where a link count is above 1, or in directories |
/// | 0 1 | directories | a walk takes a directory with its ancestor's number for a loop: 2³⁰ numbers, few ancestors |
/// | 0 0 | members of hard link groups | archivers take files with one number for one file: they have no others beside |
package enum InodeNumbers: String, Sendable, CaseIterable {
    case wide = "64"
    /// For programs without large-file support, whose `stat` fails with EOVERFLOW for larger numbers.
    case narrow = "32"

    /// The largest number.
    var maximum: UInt64 { self == .wide ? .max : UInt64(UInt32.max) }

    /// The number of an entry.
    ///
    /// - Parameters:
    ///   - place: the key of its path, or for a member of a hard link group that of its first member's path.
    ///   - entry: what is there.
    /// - Returns: a number from 2 on: 0 means nothing to programs, and 1 is often taken for a root's.
    func number(of place: PathKey, _ entry: CatalogEntry) -> UInt64 {
        let key = UInt64(bitPattern: place.first)
        guard self == .narrow else { return max(key, 2) }
        let folded = (key ^ key >> 32) & 0xffff_ffff
        if entry.isDirectory { return folded & 0x3fff_ffff | 0x4000_0000 }
        if entry.linkCount > 1 { return max(folded & 0x3fff_ffff, 2) }
        return folded | 0x8000_0000
    }
}
