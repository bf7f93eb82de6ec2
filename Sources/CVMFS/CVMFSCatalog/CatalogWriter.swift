// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import Digests

/// Writes a new catalog, row by row.
///
/// Rows get dense row numbers from 1 in the order in which they are added, so the same rows in the same order give the
/// same bytes. Add the root row first and siblings next to each other: a listing then reads few pages. Memory: the finished
/// catalog, and 32 bytes a row.
/// - Source: cvmfs-format C.1 to C.18.
package final class CatalogWriter {
    /// What a catalog says about itself.
    package struct Properties: Sendable {
        /// The mount path of a nested catalog; empty for a root catalog.
        package var rootPrefix: [UInt8]
        package var revision: UInt64
        /// Unix seconds.
        package var lastModified: Int64
        /// The catalog that this one replaces.
        package var previousRevision: ContentHash?
        /// Seconds; written into root catalogs only.
        package var timeToLive: Int64?

        package init(
            rootPrefix: [UInt8],
            revision: UInt64,
            lastModified: Int64,
            previousRevision: ContentHash?,
            timeToLive: Int64?
        ) {
            self.rootPrefix = rootPrefix
            self.revision = revision
            self.lastModified = lastModified
            self.previousRevision = previousRevision
            self.timeToLive = timeToLive
        }
    }

    /// The counters of the rows added so far, and of the nested catalogs.
    package private(set) var counters = CatalogCounters()

    private let pageSize: Int
    private var pages: PackedPages
    private var rowTree: PackedTree
    private var chunkTree: PackedTree
    private var record = RecordBytes()
    private var keys: [PathKey] = []
    private var parents: [PathKey] = []
    private var chunkKeys: [ChunkKey] = []
    private var nested: [CatalogReference] = []
    private var binds: [CatalogReference] = []

    private struct ChunkKey {
        let file: PathKey
        let offset: Int64
        let size: Int64
    }

    /// Begins an empty catalog.
    ///
    /// - Parameter expectedRows: about how many rows will come; small catalogs get small pages.
    package init(expectedRows: Int) {
        pageSize = expectedRows > 256 ? 4096 : 1024
        pages = PackedPages(pageSize: pageSize)
        rowTree = .table(pageSize: pageSize)
        chunkTree = .table(pageSize: pageSize)
    }

    /// Adds a row and the chunks of its file.
    package func add(_ row: CatalogRow, chunks: [FileChunk] = []) {
        let entry = row.entry
        record.restart()
        record.integer(row.key.first)
        record.integer(row.key.second)
        record.integer(row.parent.first)
        record.integer(row.parent.second)
        record.integer(entry.hardlinks)
        if let hash = entry.hash { record.blob(hash.bytes) } else { record.null() }
        record.integer(entry.size)
        record.integer(Int64(entry.mode))
        record.integer(entry.mtime)
        if let nanoseconds = entry.mtimeNanoseconds {
            record.integer(Int64(nanoseconds))
        } else {
            record.null()
        }
        record.integer(entry.flags.rawValue)
        record.text(entry.name)
        record.text(entry.linkTarget)
        record.integer(Int64(entry.uid))
        record.integer(Int64(entry.gid))
        if let attributes = entry.attributes { record.blob(attributes) } else { record.null() }
        record.finish()
        keys.append(row.key)
        parents.append(row.parent)
        rowTree.add(record.bytes, row: Int64(keys.count), to: &pages)
        for chunk in chunks { add(chunk, of: row.key) }
        counters.own.add(entry)
        counters.own.chunks += Int64(chunks.count)
    }

    private func add(_ chunk: FileChunk, of file: PathKey) {
        record.restart()
        record.integer(file.first)
        record.integer(file.second)
        record.integer(chunk.offset)
        record.integer(chunk.size)
        record.blob(chunk.hash.bytes)
        record.finish()
        chunkKeys.append(ChunkKey(file: file, offset: chunk.offset, size: chunk.size))
        chunkTree.add(record.bytes, row: Int64(chunkKeys.count), to: &pages)
    }

    /// Adds a nested catalog; its transition row is added like any other, its counters come with `finish`.
    package func addNested(_ reference: CatalogReference) {
        nested.append(reference)
        counters.own.nested += 1
    }

    /// Adds a bind mountpoint, which counters do not see.
    package func addBindMountpoint(_ reference: CatalogReference) { binds.append(reference) }

    /// Completes the catalog with counters, properties and indexes.
    ///
    /// - Parameters:
    ///   - properties: what the catalog says about itself.
    ///   - subtree: the sum of the counters of all catalogs below this one.
    /// - Returns: the database file, and the counters as written.
    /// - Throws: `corrupt` if two rows have the same key; what SQLite says of the small tables.
    package func finish(
        _ properties: Properties,
        subtree: CatalogCounters.Tally
    ) throws(CatalogProblem) -> (bytes: [UInt8], counters: CatalogCounters) {
        counters.subtree = subtree
        let database = try Database(":memory:", .create(pageSize: pageSize))
        try database.execute("BEGIN")
        try database.execute(CatalogSchema.catalog)
        try write(properties, to: database)
        try database.execute(CatalogSchema.catalogIndex)
        try database.execute("COMMIT")
        let packed = try PackedDatabase(database, pageSize: pageSize)
        var trees: [(name: String, root: [UInt8], references: [Int])] = []
        func add(_ name: String, _ tree: inout PackedTree) {
            let (root, references) = tree.finish(in: &pages)
            trees.append((name, root, references))
        }
        add("catalog", &rowTree)
        add("chunks", &chunkTree)
        var keyIndex = try keyTree()
        add("sqlite_autoindex_catalog_1", &keyIndex)
        var parentIndex = parentTree()
        add("idx_catalog_parent", &parentIndex)
        var chunkIndex = chunkKeyTree()
        add("sqlite_autoindex_chunks_1", &chunkIndex)
        return (packed.finish(pages, roots: trees), counters)
    }

    private func write(_ properties: Properties, to database: Database) throws(CatalogProblem) {
        let insertNested = try database.prepare(
            "INSERT INTO nested_catalogs (path, sha1, size) VALUES (?,?,?)"
        )
        for reference in nested { try Self.insert(reference, by: insertNested) }
        let insertBind = try database.prepare(
            "INSERT INTO bind_mountpoints (path, sha1, size) VALUES (?,?,?)"
        )
        for reference in binds { try Self.insert(reference, by: insertBind) }
        let insertCounter = try database.prepare("INSERT INTO statistics (counter, value) VALUES (?,?)")
        for row in counters.rows { try insertCounter.run(.text(row.counter), .integer(row.value)) }
        let insert = try database.prepare(CatalogSchema.insertProperty)
        try insert.run(.text("schema"), .text("2.5"))
        try insert.run(.text("schema_revision"), .text("7"))
        try insert.run(.text("revision"), .text(String(properties.revision)))
        try insert.run(.text("last_modified"), .text(String(properties.lastModified)))
        if !properties.rootPrefix.isEmpty {
            try insert.run(.text("root_prefix"), .text(properties.rootPrefix))
        }
        if let previous = properties.previousRevision {
            try insert.run(.text("previous_revision"), .text(previous.description))
        }
        if let timeToLive = properties.timeToLive { try insert.run(.text("TTL"), .text(String(timeToLive))) }
    }

    private static func insert(
        _ reference: CatalogReference,
        by statement: Statement
    ) throws(CatalogProblem) {
        try statement.run(
            .text(reference.path),
            .text(reference.hash.description),
            .integer(reference.size)
        )
    }

    // MARK: Indexes

    /// The index of rows by their keys, which are unique.
    private func keyTree() throws(CatalogProblem) -> PackedTree {
        let order = Self.sorted(keys)
        for (left, right) in zip(order, order.dropFirst()) where keys[left] == keys[right] {
            throw CatalogProblem(.corrupt, path: "a new catalog", detail: "two rows have the same path")
        }
        return tree(order, of: keys)
    }

    private func parentTree() -> PackedTree { tree(Self.sorted(parents), of: parents) }

    private func tree(_ order: [Int], of keys: [PathKey]) -> PackedTree {
        index(order) { record, row in
            record.integer(keys[row].first)
            record.integer(keys[row].second)
        }
    }

    private func chunkKeyTree() -> PackedTree {
        let order = chunkKeys.indices.sorted { left, right in
            let (left, right) = (chunkKeys[left], chunkKeys[right])
            return (left.file.first, left.file.second, left.offset, left.size)
                < (right.file.first, right.file.second, right.offset, right.size)
        }
        return index(order) { record, row in
            let key = chunkKeys[row]
            record.integer(key.file.first)
            record.integer(key.file.second)
            record.integer(key.offset)
            record.integer(key.size)
        }
    }

    /// An index of rows in an order; `key` writes the indexed columns of a row, after which its number comes.
    private func index(_ order: [Int], key: (inout RecordBytes, Int) -> Void) -> PackedTree {
        var tree = PackedTree.index(pageSize: pageSize)
        var record = RecordBytes()
        for (position, row) in order.enumerated() {
            record.restart()
            key(&record, row)
            record.integer(Int64(row + 1))
            record.finish()
            tree.add(entry: record.bytes, isLast: position == order.count - 1, to: &pages)
        }
        return tree
    }

    /// Row indexes in the order of the rows' keys, equal ones in the order of the rows.
    private static func sorted(_ keys: [PathKey]) -> [Int] {
        keys.indices.sorted { left, right in
            let (first, second) = (keys[left], keys[right])
            if first.first != second.first { return first.first < second.first }
            return first.second != second.second ? first.second < second.second : left < right
        }
    }
}
