// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
internal import Digests

/// A row of a catalog with its keys.
package struct CatalogRow: Sendable {
    package var key: PathKey
    package var parent: PathKey
    package var entry: CatalogEntry

    package init(key: PathKey, parent: PathKey, entry: CatalogEntry) {
        self.key = key
        self.parent = parent
        self.entry = entry
    }

    /// Reads the columns in the order in which `CatalogReader` selects them.
    init(_ row: Statement, path: String) throws(CatalogProblem) {
        key = PathKey(first: row.integer(13), second: row.integer(14))
        parent = PathKey(first: row.integer(15), second: row.integer(16))
        let flags = EntryFlags(rawValue: row.integer(5))
        let hardlinks = UInt64(bitPattern: row.integer(0))
        entry = CatalogEntry(
            name: row.bytes(6),
            mode: UInt32(truncatingIfNeeded: row.integer(3)),
            uid: UInt32(truncatingIfNeeded: row.integer(8)),
            gid: UInt32(truncatingIfNeeded: row.integer(9)),
            size: row.integer(2),
            mtime: row.integer(4),
            mtimeNanoseconds: row.isNull(11) ? nil : Int32(truncatingIfNeeded: row.integer(11)),
            flags: flags,
            linkTarget: row.bytes(7),
            linkGroup: UInt32(truncatingIfNeeded: hardlinks >> 32),
            linkCount: UInt32(truncatingIfNeeded: hardlinks),
            attributes: row.isNull(10) ? nil : row.bytes(10),
            rowID: row.integer(12)
        )
        guard !row.isNull(1) else { return }
        let hash = row.bytes(1)
        // A directory of an old writer may hold an empty blob.
        guard !hash.isEmpty else { return }
        guard let algorithm = flags.algorithm, let content = ContentHash(algorithm: algorithm, bytes: hash)
        else {
            throw CatalogProblem(.corrupt, path: path, detail: "row \(entry.rowID) has no valid content hash")
        }
        entry.hash = content
    }
}
