// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import Digests

/// Verifies one catalog: every row, the rows together, and the counters.
///
/// Keeps the entries of one directory at a time, and one path for each directory that is still to be visited.
/// - Source: cvmfs-format C.19.
final class CatalogCheck {
    /// A nested catalog as its parent describes it.
    struct Nested {
        var reference: CatalogReference
        /// The parent's row of the mountpoint.
        var row: CatalogEntry
    }

    /// What the other catalogs have to agree with.
    struct Outcome {
        /// The row of the catalog's own root.
        var root: CatalogEntry?
        /// The counters as they ought to be.
        var own: CatalogCounters.Tally
        /// The counters as they are written.
        var stored: [String: Int64]
        var schemaRevision: Int
        var nested: [Nested]
    }

    private let reader: CatalogReader
    private let mount: [UInt8]
    private let sink: FaultSink
    private let objects: ObjectInventory
    private let hasher = IncrementalDigest(.md5)
    private var tally = CatalogCounters.Tally()
    private var rowCount: Int64 = 0
    private var chunkCount: Int64 = 0
    private var groups = HardLinkGroups()
    private var mountpoints: [[UInt8]: CatalogEntry] = [:]
    private var binds: Set<[UInt8]> = []
    private var pending: [[UInt8]] = []

    init(_ reader: CatalogReader, mount: [UInt8], sink: FaultSink, objects: ObjectInventory) {
        self.reader = reader
        self.mount = mount
        self.sink = sink
        self.objects = objects
    }

    /// How many rows were visited.
    var visitedRows: Int64 { rowCount }

    /// Verifies everything that this catalog alone can tell.
    func run() throws(CatalogProblem) -> Outcome {
        try checkFormat()
        let root = try checkRoot()
        while let directory = pending.popLast() { try check(directory: directory) }
        try checkExtent()
        let nested = try checkNested()
        try checkBindMountpoints()
        tally.chunks = chunkCount
        return Outcome(
            root: root,
            own: tally,
            stored: try reader.counters(),
            schemaRevision: reader.schemaRevision,
            nested: nested
        )
    }

    // MARK: The catalog as a whole

    private func checkFormat() throws(CatalogProblem) {
        if !reader.usesRollbackJournal {
            sink.add(.catalogFormat, mount, "the database is in write-ahead mode, which clients cannot open")
        }
        for fault in try reader.integrityFaults() {
            sink.add(.catalogFormat, mount, "the database is broken: \(fault)")
        }
        if try !reader.hasParentIndex {
            sink.add(.catalogFormat, mount, "without an index of parents, each listing reads all rows")
        }
        if let count = try reader.countOfStrayBytes(), count != 0 {
            sink.add(.catalogFormat, mount, "\(count) bytes stand behind the last page")
        }
        let nullTexts = try reader.countOfRowsWithoutTexts()
        if nullTexts > 0 {
            sink.add(.catalogFormat, mount, "\(nullTexts) rows have NULL for the name or the link target")
        }
        if reader.rootPrefix != mount {
            sink.add(
                .rootPrefix,
                mount,
                "the catalog is made for '\(String(decoding: reader.rootPrefix, as: UTF8.self))'"
            )
        }
    }

    private func checkRoot() throws(CatalogProblem) -> CatalogEntry? {
        guard let row = try reader.row(at: key(mount)) else {
            sink.add(.catalog, mount, "the catalog has no row for its own root")
            return nil
        }
        let parent = mount.isEmpty ? PathKey.parentOfRoot : key(Self.parent(of: mount))
        if row.parent != parent { sink.add(.pathKey, mount, "the root's row has another parent") }
        if !row.entry.isDirectory { sink.add(.entryType, mount, "the root of the catalog is no directory") }
        if row.entry.flags.contains(.nestedRoot) == mount.isEmpty {
            sink.add(.transition, mount, "the root's flags are \(row.entry.flags.rawValue)")
        }
        visit(row.entry, at: mount)
        pending.append(mount)
        return row.entry
    }

    private func checkExtent() throws(CatalogProblem) {
        let rows = try reader.extent().rows
        if rows != rowCount {
            sink.add(
                .danglingRows,
                mount,
                "the catalog has \(rows) rows, of which \(rowCount) can be reached from its root"
            )
        }
        let chunks = try reader.chunkRowCount()
        if chunks != chunkCount {
            sink.add(.danglingRows, mount, "of \(chunks) chunk rows, \(chunkCount) belong to chunked files")
        }
    }

    // MARK: Directories

    private func check(directory: [UInt8]) throws(CatalogProblem) {
        let entries = try reader.children(of: key(directory))
        var hasMarker = false
        var subdirectories: UInt32 = 0
        for entry in entries {
            let path = directory + [UInt8(ascii: "/")] + entry.name
            if try reader.row(at: key(path))?.entry.rowID != entry.rowID {
                sink.add(.pathKey, path, "the key of the row is not that of its path")
            }
            visit(entry, at: path)
            if entry.isDirectory {
                subdirectories &+= 1
                try enter(entry, at: path)
            } else if entry.flags.contains(.chunked) {
                try checkChunks(of: entry, at: path)
            } else if entry.isRegular, let hash = entry.hash, !entry.flags.contains(.external) {
                objects.expect(
                    .init(
                        hash,
                        .file,
                        compression: entry.flags.compression ?? .zlib,
                        size: entry.size
                    ),
                    at: path
                )
            }
            if directory == mount, entry.name.elementsEqual(".cvmfscatalog".utf8) { hasMarker = true }
        }
        if directory == mount { checkMarker(hasMarker) }
        if let own = try reader.row(at: key(directory))?.entry, own.linkCount != 2 &+ subdirectories {
            sink.add(
                .linkCount,
                directory,
                "the link count is \(own.linkCount), but there are \(subdirectories) subdirectories"
            )
        }
        for finding in groups.findings(of: entries, in: directory) {
            sink.add(finding.rule, directory, finding.detail)
        }
    }

    /// Counts a row and applies the rules for rows.
    private func visit(_ entry: CatalogEntry, at path: [UInt8]) {
        rowCount += 1
        tally.add(entry)
        for finding in EntryRules.findings(entry, isRoot: path.isEmpty) {
            sink.add(finding.rule, path, finding.detail)
        }
    }

    private func enter(_ entry: CatalogEntry, at path: [UInt8]) throws(CatalogProblem) {
        if entry.flags.contains(.bindMountpoint) {
            binds.insert(path)
        } else if entry.flags.contains(.nestedMountpoint) {
            mountpoints[path] = entry
        } else {
            if entry.flags.contains(.nestedRoot) {
                sink.add(.transition, path, "the root of a nested catalog stands inside another catalog")
            }
            pending.append(path)
            return
        }
        var isEmpty = true
        try reader.forEachChild(of: key(path)) { _ in
            isEmpty = false
            return false
        }
        if !isEmpty {
            sink.add(.nestedCatalog, path, "the parent catalog holds entries below the mountpoint")
        }
    }

    private func checkMarker(_ hasMarker: Bool) {
        if mount.isEmpty, hasMarker {
            sink.add(.catalogMarker, mount, "the root directory has a .cvmfscatalog")
        } else if !mount.isEmpty, !hasMarker {
            sink.add(.catalogMarker, mount, "the nested catalog has no .cvmfscatalog")
        }
    }

    // MARK: Files

    private func checkChunks(of entry: CatalogEntry, at path: [UInt8]) throws(CatalogProblem) {
        let algorithm = entry.flags.algorithm ?? .sha1
        let chunks = try reader.chunks(of: key(path), algorithm: algorithm)
        chunkCount += Int64(chunks.count)
        if chunks.isEmpty { sink.add(.chunks, path, "the file is chunked, but has no chunks") }
        var end: Int64 = 0
        for chunk in chunks {
            if chunk.offset != end || chunk.size <= 0 {
                sink.add(
                    .chunks,
                    path,
                    "the chunk at \(chunk.offset) of \(chunk.size) bytes does not begin at \(end)"
                )
            }
            end = chunk.offset &+ chunk.size
            guard !entry.flags.contains(.external) else { continue }
            objects.expect(
                .init(chunk.hash, .chunk, compression: entry.flags.compression ?? .zlib, size: chunk.size),
                at: path
            )
        }
        if end != entry.size, !chunks.isEmpty {
            sink.add(.chunks, path, "the chunks end at \(end), but the file has \(entry.size) bytes")
        }
        // A publisher may keep the whole file beside its chunks, for old clients.
        if let hash = entry.hash, !entry.flags.contains(.external) {
            let compression = entry.flags.compression ?? .zlib
            objects.expect(.init(hash, .file, compression: compression, size: entry.size), at: path)
        }
    }

    // MARK: Mountpoints

    private func checkNested() throws(CatalogProblem) -> [Nested] {
        var nested: [Nested] = []
        var known: Set<[UInt8]> = []
        for reference in try reader.nestedCatalogs() {
            tally.nested += 1
            known.insert(reference.path)
            guard let row = mountpoints[reference.path] else {
                sink.add(
                    .nestedCatalog,
                    reference.path,
                    "a nested catalog is listed for what is no mountpoint"
                )
                continue
            }
            nested.append(Nested(reference: reference, row: row))
        }
        for path in mountpoints.keys where !known.contains(path) {
            sink.add(.nestedCatalog, path, "no nested catalog is listed for the mountpoint")
        }
        return nested
    }

    private func checkBindMountpoints() throws(CatalogProblem) {
        var known: Set<[UInt8]> = []
        for reference in try reader.bindMountpoints() {
            known.insert(reference.path)
            if !binds.contains(reference.path) {
                sink.add(
                    .bindMountpoint,
                    reference.path,
                    "a catalog is listed for what is no bind mountpoint"
                )
            }
            objects.expect(.init(reference.hash, .catalog), at: reference.path)
        }
        for path in binds where !known.contains(path) {
            sink.add(.bindMountpoint, path, "no catalog is listed for the bind mountpoint")
        }
    }

    private func key(_ path: [UInt8]) -> PathKey { PathKey(path: path, with: hasher) }

    private static func parent(of path: [UInt8]) -> [UInt8] {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return [] }
        return Array(path[..<slash])
    }
}
