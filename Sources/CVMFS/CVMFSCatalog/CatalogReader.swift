// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import Digests

/// Reads a catalog that is a complete, immutable file.
///
/// One connection, so one thread at a time; open the file once for each thread. Statements are compiled once; a lookup
/// costs about 2.5 µs.
/// - Source: cvmfs-format C.
package final class CatalogReader {
    /// The file.
    package let path: String
    /// The table `properties`.
    package let properties: [String: String]
    /// The schema revision, 0 where the catalog says none.
    package let schemaRevision: Int

    let database: Database
    private let lookup: Statement
    private let listing: Statement
    private let byRow: Statement
    private let chunkQuery: Statement

    /// Opens a catalog.
    ///
    /// - Throws: `cannotOpen`, `corrupt`, or `unknownSchema` for another schema than 2.4 and 2.5.
    package init(path: String) throws(CatalogProblem) {
        self.path = path
        database = try Database(path, .immutable)
        properties = try Self.readProperties(database)
        let prefix = try database.prepare("SELECT value FROM properties WHERE key = 'root_prefix'")
        rootPrefix = try prefix.step() ? prefix.bytes(0) : []
        guard properties["schema"] == "2.5" || properties["schema"] == "2.4" else {
            throw CatalogProblem(.unknownSchema, path: path, detail: properties["schema"] ?? "none")
        }
        schemaRevision = properties["schema_revision"].flatMap { Int($0) } ?? 0
        // Columns that came later are read as NULL from older revisions.
        let columns =
            "hardlinks, hash, size, mode, mtime, flags, name, symlink, uid, gid, "
            + (schemaRevision >= 2 ? "xattr, " : "NULL, ") + (schemaRevision >= 7 ? "mtimens, " : "NULL, ")
            + "rowid, md5path_1, md5path_2, parent_1, parent_2"
        lookup = try database.prepare("SELECT \(columns) FROM catalog WHERE md5path_1 = ? AND md5path_2 = ?")
        // The index on parents ends in the row number, so this is a seek and needs no sorting.
        listing = try database.prepare(
            "SELECT \(columns) FROM catalog WHERE parent_1 = ? AND parent_2 = ? AND rowid > ? ORDER BY rowid"
        )
        byRow = try database.prepare("SELECT \(columns) FROM catalog WHERE rowid > ? ORDER BY rowid")
        chunkQuery = try database.prepare(
            "SELECT offset, size, hash FROM chunks WHERE md5path_1 = ? AND md5path_2 = ? ORDER BY offset"
        )
    }

    /// The mount path of a nested catalog as raw bytes, which need not be UTF-8; empty for a root catalog.
    package let rootPrefix: [UInt8]

    package var revision: UInt64 { properties["revision"].flatMap { UInt64($0) } ?? 0 }

    /// Unix seconds.
    package var lastModified: Int64 { properties["last_modified"].flatMap { Int64($0) } ?? 0 }

    /// Seconds; 240 where the catalog does not say.
    package var timeToLive: Int64 { properties["TTL"].flatMap { Int64($0) } ?? 240 }

    package var previousRevision: ContentHash? { properties["previous_revision"].flatMap { ContentHash($0) } }

    /// Gives back the memory of pages that were read; they are read again when needed.
    package func releaseMemory() { database.releaseMemory() }

    /// Returns the row of a path, `nil` if this catalog has none.
    package func entry(at key: PathKey) throws(CatalogProblem) -> CatalogEntry? {
        lookup.bind(.integer(key.first), .integer(key.second))
        defer { lookup.reset() }
        return try lookup.step() ? try CatalogRow(lookup, path: path).entry : nil
    }

    /// Returns the row of a path with its keys, `nil` if this catalog has none.
    package func row(at key: PathKey) throws(CatalogProblem) -> CatalogRow? {
        lookup.bind(.integer(key.first), .integer(key.second))
        defer { lookup.reset() }
        return try lookup.step() ? try CatalogRow(lookup, path: path) : nil
    }

    /// Returns a row by its number, `nil` if there is none.
    package func row(number: Int64) throws(CatalogProblem) -> CatalogRow? {
        byRow.bind(.integer(number &- 1))
        defer { byRow.reset() }
        guard try byRow.step() else { return nil }
        let row = try CatalogRow(byRow, path: path)
        return row.entry.rowID == number ? row : nil
    }

    /// Calls `body` for each entry of a directory, hidden ones included, in the order of row numbers.
    ///
    /// `body` returns false to stop; it must not use this reader's listing again meanwhile.
    ///
    /// - Parameters:
    ///   - directory: the directory's path key.
    ///   - rowID: only rows above this number are visited, so that a listing can be continued.
    ///   - body: returns whether to go on.
    /// - Throws: `corrupt` if a row cannot be read.
    package func forEachChild(
        of directory: PathKey,
        after rowID: Int64 = 0,
        _ body: (CatalogEntry) -> Bool
    ) throws(CatalogProblem) {
        listing.bind(.integer(directory.first), .integer(directory.second), .integer(rowID))
        defer { listing.reset() }
        while try listing.step() {
            if !body(try CatalogRow(listing, path: path).entry) { return }
        }
    }

    /// Returns the entries of a directory.
    package func children(of directory: PathKey) throws(CatalogProblem) -> [CatalogEntry] {
        var entries: [CatalogEntry] = []
        try forEachChild(of: directory) {
            entries.append($0)
            return true
        }
        return entries
    }

    /// Calls `body` for every row, in the order of row numbers.
    package func forEachRow(_ body: (CatalogRow) throws -> Void) throws {
        byRow.bind(.integer(0))
        defer { byRow.reset() }
        while try byRow.step() { try body(try CatalogRow(byRow, path: path)) }
    }

    /// Returns the chunks of a file in the order of their offsets.
    ///
    /// - Parameters:
    ///   - key: the file's path key.
    ///   - algorithm: the algorithm in the file's flags, which is that of its chunks.
    /// - Returns: the chunks; none for a file that has none.
    /// - Throws: `corrupt` if a row cannot be read.
    package func chunks(
        of key: PathKey,
        algorithm: ContentHashAlgorithm
    ) throws(CatalogProblem) -> [FileChunk] {
        chunkQuery.bind(.integer(key.first), .integer(key.second))
        defer { chunkQuery.reset() }
        var chunks: [FileChunk] = []
        while try chunkQuery.step() {
            guard let hash = ContentHash(algorithm: algorithm, bytes: chunkQuery.bytes(2)) else {
                throw CatalogProblem(.corrupt, path: path, detail: "a chunk has a hash of the wrong length")
            }
            chunks.append(FileChunk(offset: chunkQuery.integer(0), size: chunkQuery.integer(1), hash: hash))
        }
        return chunks
    }

    /// Calls `body` for every chunk row: the file's key, offset, size and the raw hash.
    package func forEachChunk(_ body: (PathKey, Int64, Int64, [UInt8]) throws -> Void) throws {
        let query = try database.prepare(
            "SELECT md5path_1, md5path_2, offset, size, hash FROM chunks ORDER BY md5path_1, md5path_2, offset"
        )
        while try query.step() {
            let key = PathKey(first: query.integer(0), second: query.integer(1))
            try body(key, query.integer(2), query.integer(3), query.bytes(4))
        }
    }

    /// Whether any name of this catalog begins so; looks at all rows.
    ///
    /// `prefix` holds no sign that SQLite's GLOB gives a meaning to.
    package func hasName(beginningWith prefix: String) throws(CatalogProblem) -> Bool {
        let query = try database.prepare("SELECT 1 FROM catalog WHERE name GLOB '\(prefix)*' LIMIT 1")
        return try query.step()
    }

    /// The catalogs that are mounted below this one.
    package func nestedCatalogs() throws(CatalogProblem) -> [CatalogReference] {
        let size = schemaRevision >= 1 ? "size" : "0"
        return try references("SELECT path, sha1, \(size) FROM nested_catalogs ORDER BY path")
    }

    /// The catalogs that bind mountpoints show.
    package func bindMountpoints() throws(CatalogProblem) -> [CatalogReference] {
        guard schemaRevision >= 4 else { return [] }
        return try references("SELECT path, sha1, size FROM bind_mountpoints ORDER BY path")
    }

    /// The nested catalog that is mounted at a path; `nil` if there is none.
    package func nestedCatalog(at path: [UInt8]) throws(CatalogProblem) -> CatalogReference? {
        let size = schemaRevision >= 1 ? "size" : "0"
        return try reference("SELECT sha1, \(size) FROM nested_catalogs WHERE path = ?", path)
    }

    /// The catalog that a bind mountpoint shows; `nil` if there is none.
    package func bindMountpoint(at path: [UInt8]) throws(CatalogProblem) -> CatalogReference? {
        guard schemaRevision >= 4 else { return nil }
        return try reference("SELECT sha1, size FROM bind_mountpoints WHERE path = ?", path)
    }

    private func reference(_ sql: String, _ mountPath: [UInt8]) throws(CatalogProblem) -> CatalogReference? {
        let query = try database.prepare(sql)
        query.bind(.text(mountPath))
        guard try query.step() else { return nil }
        guard let hash = ContentHash(query.text(0)) else {
            throw CatalogProblem(.corrupt, path: path, detail: "a nested catalog has no valid hash")
        }
        return CatalogReference(path: mountPath, hash: hash, size: query.integer(1))
    }

    /// The counters as stored; `nil` in place of those that are missing.
    package func counters() throws(CatalogProblem) -> [String: Int64] {
        let query = try database.prepare("SELECT counter, value FROM statistics")
        var values: [String: Int64] = [:]
        while try query.step() { values[query.text(0)] = query.integer(1) }
        return values
    }

    /// The number of rows, and the highest row number.
    package func extent() throws(CatalogProblem) -> (rows: Int64, maximalRowID: Int64) {
        let query = try database.prepare("SELECT count(*), ifnull(max(rowid), 0) FROM catalog")
        guard try query.step() else { return (0, 0) }
        return (query.integer(0), query.integer(1))
    }

    /// The one number that a query gives.
    func count(_ sql: String) throws(CatalogProblem) -> Int64 {
        let query = try database.prepare(sql)
        return try query.step() ? query.integer(0) : 0
    }

    private func references(_ sql: String) throws(CatalogProblem) -> [CatalogReference] {
        let query = try database.prepare(sql)
        var references: [CatalogReference] = []
        while try query.step() {
            guard let hash = ContentHash(query.text(1)) else {
                throw CatalogProblem(.corrupt, path: path, detail: "a nested catalog has no valid hash")
            }
            references.append(CatalogReference(path: query.bytes(0), hash: hash, size: query.integer(2)))
        }
        return references
    }

    static func readProperties(_ database: Database) throws(CatalogProblem) -> [String: String] {
        let query = try database.prepare("SELECT key, value FROM properties")
        var properties: [String: String] = [:]
        while try query.step() { properties[query.text(0)] = query.text(1) }
        return properties
    }
}
