// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import Digests

/// Writes a new catalog file, row by row.
///
/// Rows get dense row numbers from 1 in the order in which they are added, so the same rows in the same order give the
/// same bytes. Add the root row first and siblings next to each other: a listing then reads few pages.
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

    private let database: Database
    private let insertRow: Statement
    private let insertChunk: Statement
    private let insertNested: Statement
    private let insertBind: Statement

    /// Creates the file.
    ///
    /// - Parameters:
    ///   - path: a file that does not exist yet.
    ///   - expectedRows: about how many rows will come; small catalogs get small pages.
    /// - Throws: the database's problem if the file cannot be made.
    package init(path: String, expectedRows: Int) throws(CatalogProblem) {
        database = try Database(path, .create(pageSize: expectedRows > 256 ? 4096 : 1024))
        try database.execute("BEGIN")
        try database.execute(CatalogSchema.catalog)
        insertRow = try database.prepare(
            "INSERT INTO catalog (md5path_1, md5path_2, parent_1, parent_2, hardlinks, hash, size, mode, mtime, "
                + "mtimens, flags, name, symlink, uid, gid, xattr) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        )
        insertChunk = try database.prepare(
            "INSERT INTO chunks (md5path_1, md5path_2, offset, size, hash) VALUES (?,?,?,?,?)"
        )
        insertNested = try database.prepare("INSERT INTO nested_catalogs (path, sha1, size) VALUES (?,?,?)")
        insertBind = try database.prepare("INSERT INTO bind_mountpoints (path, sha1, size) VALUES (?,?,?)")
    }

    /// Adds a row and the chunks of its file.
    package func add(_ row: CatalogRow, chunks: [FileChunk] = []) throws(CatalogProblem) {
        let entry = row.entry
        try insertRow.run(
            .integer(row.key.first),
            .integer(row.key.second),
            .integer(row.parent.first),
            .integer(row.parent.second),
            .integer(entry.hardlinks),
            entry.hash.map { .blob($0.bytes) } ?? .null,
            .integer(entry.size),
            .integer(Int64(entry.mode)),
            .integer(entry.mtime),
            entry.mtimeNanoseconds.map { .integer(Int64($0)) } ?? .null,
            .integer(entry.flags.rawValue),
            .text(entry.name),
            .text(entry.linkTarget),
            .integer(Int64(entry.uid)),
            .integer(Int64(entry.gid)),
            entry.attributes.map { .blob($0) } ?? .null
        )
        for chunk in chunks {
            try insertChunk.run(
                .integer(row.key.first),
                .integer(row.key.second),
                .integer(chunk.offset),
                .integer(chunk.size),
                .blob(chunk.hash.bytes)
            )
        }
        counters.own.add(entry)
        counters.own.chunks += Int64(chunks.count)
    }

    /// Adds a nested catalog; its transition row is added like any other, its counters come with `finish`.
    package func addNested(_ reference: CatalogReference) throws(CatalogProblem) {
        try insertNested.run(
            .text(reference.path),
            .text(reference.hash.description),
            .integer(reference.size)
        )
        counters.own.nested += 1
    }

    /// Adds a bind mountpoint, which counters do not see.
    package func addBindMountpoint(_ reference: CatalogReference) throws(CatalogProblem) {
        try insertBind.run(.text(reference.path), .text(reference.hash.description), .integer(reference.size))
    }

    /// Writes counters, properties and the index, and completes the file.
    ///
    /// - Parameters:
    ///   - properties: what the catalog says about itself.
    ///   - subtree: the sum of the counters of all catalogs below this one.
    /// - Returns: the counters as written.
    /// - Throws: `writeFailed`.
    @discardableResult
    package func finish(
        _ properties: Properties,
        subtree: CatalogCounters.Tally
    ) throws(CatalogProblem) -> CatalogCounters {
        counters.subtree = subtree
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
        try database.execute(CatalogSchema.catalogIndex)
        try database.execute("COMMIT")
        return counters
    }
}
