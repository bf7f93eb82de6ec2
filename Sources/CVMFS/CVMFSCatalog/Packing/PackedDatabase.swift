// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CSQLite

/// A small database in memory that SQLite makes, with tables and indexes that are empty in it and whose b-trees are put in
/// from outside.
///
/// SQLite writes the header and the schema; only the great trees, whose rows come sorted anyway, are made without it: that
/// is several times as fast as inserting, and leaves every page full.
struct PackedDatabase {
    private var bytes: [UInt8]
    private let pageSize: Int
    private let roots: [String: Int]

    /// Takes what SQLite has made of a database.
    init(_ database: Database, pageSize: Int) throws(CatalogProblem) {
        self.pageSize = pageSize
        let query = try database.prepare("SELECT name, rootpage FROM sqlite_master")
        var roots: [String: Int] = [:]
        while try query.step() { roots[query.text(0)] = Int(query.integer(1)) }
        self.roots = roots
        var size: Int64 = 0
        guard let image = sqlite3_serialize(database.handle, "main", &size, 0) else {
            throw database.problem()
        }
        defer { sqlite3_free(image) }
        bytes = [UInt8](UnsafeRawBufferPointer(start: image, count: Int(size)))
    }

    /// Appends pages, and puts root pages in the places of the empty trees' roots.
    ///
    /// - Returns: the database file.
    consuming func finish(
        _ pages: PackedPages,
        roots trees: [(name: String, root: [UInt8], references: [Int])]
    ) -> [UInt8] {
        let first = UInt32(truncatingIfNeeded: bytes.count / pageSize + 1)
        bytes.append(contentsOf: pages.relocated(first: first))
        for tree in trees {
            guard let number = roots[tree.name] else { continue }
            let start = (number - 1) * pageSize
            bytes.replaceSubrange(start..<(start + pageSize), with: tree.root)
            for offset in tree.references {
                PackedPages.relocate(start + offset, in: &bytes, first: first)
            }
        }
        let count = UInt32(truncatingIfNeeded: bytes.count / pageSize)
        PackedPages.put(count, in: &bytes, at: Self.pageCountOffset)
        return bytes
    }

    /// Where the header states the number of pages.
    private static let pageCountOffset = 28
}
