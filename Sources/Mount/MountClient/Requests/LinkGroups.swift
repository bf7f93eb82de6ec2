// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import Digests

/// Remembers the first member of each hard link group of one directory, since finding it means reading the directory.
struct LinkGroups {
    private var directory: PathKey?
    private var catalog: ContentHash?
    private var firstMembers: [UInt32: [UInt8]] = [:]

    /// The name of the first member of an entry's group.
    mutating func firstMember(
        of entry: CatalogEntry,
        in directory: PathKey,
        _ catalog: ContentHash,
        _ reader: CatalogReader
    ) throws -> [UInt8] {
        if self.directory != directory || self.catalog != catalog {
            var found: [UInt32: [UInt8]] = [:]
            try reader.forEachChild(of: directory) { child in
                if child.linkGroup != 0, found[child.linkGroup] == nil { found[child.linkGroup] = child.name }
                return true
            }
            (self.directory, self.catalog, firstMembers) = (directory, catalog, found)
        }
        return firstMembers[entry.linkGroup] ?? entry.name
    }
}
