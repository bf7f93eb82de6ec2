// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import Digests
internal import Foundation

/// Writes one catalog of a fixture.
struct FixtureCatalog {
    private let fixture: RepositoryFixture
    private let mount: [UInt8]
    private let nested: Set<[UInt8]>
    private let binds: [[UInt8]: ContentHash]
    private let writer: CatalogWriter

    init(_ fixture: RepositoryFixture, mount: [UInt8], nested: [String], binds: [String: ContentHash]) throws
    {
        self.fixture = fixture
        self.mount = mount
        self.nested = Set(nested.map { Array($0.utf8) })
        self.binds = Dictionary(uniqueKeysWithValues: binds.map { (Array($0.key.utf8), $0.value) })
        writer = CatalogWriter(expectedRows: 10)
    }

    func write(
        _ entries: [FixtureEntry],
        revision: UInt64,
        nestedReferences: [CatalogReference]
    ) throws -> CatalogReference {
        for entry in entries where home(of: entry.path) == mount || entry.path == mount {
            try add(entry)
            if let root = binds[entry.path] {
                writer.addBindMountpoint(CatalogReference(path: entry.path, hash: root, size: 0))
            }
        }
        for reference in nestedReferences where home(of: reference.path) == mount {
            writer.addNested(reference)
        }
        let content = try writer.finish(
            CatalogWriter.Properties(
                rootPrefix: mount,
                revision: revision,
                lastModified: 1_700_000_000,
                previousRevision: nil,
                timeToLive: mount.isEmpty ? 60 : nil
            ),
            subtree: CatalogCounters.Tally()
        ).bytes
        return CatalogReference(
            path: mount,
            hash: try fixture.store(content, .catalog),
            size: Int64(content.count)
        )
    }

    /// The mount path of the catalog that holds a path's row; for a mount point the one above it.
    private func home(of path: [UInt8]) -> [UInt8] {
        var parent = path
        while let slash = parent.lastIndex(of: UInt8(ascii: "/")) {
            parent = Array(parent[..<slash])
            if nested.contains(parent) { return parent }
        }
        return []
    }

    private func add(_ entry: FixtureEntry) throws {
        let slash = entry.path.lastIndex(of: UInt8(ascii: "/"))
        let parent = slash.map { PathKey(path: Array(entry.path[..<$0])) } ?? PathKey.parentOfRoot
        var row = CatalogEntry(
            name: slash.map { Array(entry.path[($0 + 1)...]) } ?? [],
            mode: entry.mode,
            mtime: 1_700_000_000,
            flags: [],
            linkGroup: entry.linkGroup,
            linkCount: entry.linkCount
        )
        row.attributes =
            ExtendedAttributes(
                entry.attributes.mapValues { Array($0.utf8) }
                    .merging(entry.rawAttributes) { $1 }
                    .map { ExtendedAttributes.Attribute(name: Array($0.utf8), value: $1) }
            )?.encoded
        let chunks = try fill(&row, entry)
        if entry.isHidden { row.flags.insert(.hidden) }
        writer.add(CatalogRow(key: PathKey(path: entry.path), parent: parent, entry: row), chunks: chunks)
    }

    private func fill(_ row: inout CatalogEntry, _ entry: FixtureEntry) throws -> [FileChunk] {
        let algorithm = fixture.hashAlgorithm
        switch entry.kind {
        case .directory:
            row.size = 4096
            row.flags = .directory
            if nested.contains(entry.path) {
                row.flags.insert(entry.path == mount ? .nestedRoot : .nestedMountpoint)
            }
            if binds[entry.path] != nil { row.flags.insert(.bindMountpoint) }
        case .link(let target):
            row.linkTarget = Array(target.utf8)
            row.flags = [.file, .symbolicLink]
        case .device(let number):
            row.size = Int64(number)
            row.flags = [.file, .special]
        case .file(let content):
            row.size = Int64(content.count)
            row.hash = try fixture.store(content, .file)
            row.flags = .regular(algorithm, .zlib, chunked: false)
        case .chunked(let pieces):
            row.flags = .regular(algorithm, .zlib, chunked: true)
            return try chunks(pieces, &row) { try fixture.store($0, .chunk) }
        case .repeated(let piece, let count):
            row.flags = .regular(algorithm, .zlib, chunked: true)
            let hash = try fixture.store(piece, .chunk)
            return Self.chunks(of: piece.count, count, hash, &row)
        case .external(let pieces):
            try writeExternal(entry.path, pieces.flatMap { $0 })
            row.flags = .regular(algorithm, .none, chunked: pieces.count > 1)
            row.flags.insert(.external)
            if pieces.count > 1 { return try chunks(pieces, &row) { ContentHash(algorithm, of: $0) } }
            row.size = Int64(pieces[0].count)
            row.hash = ContentHash(algorithm, of: pieces[0])
        }
        return []
    }

    private func chunks(
        _ pieces: [[UInt8]],
        _ row: inout CatalogEntry,
        _ hash: ([UInt8]) throws -> ContentHash
    ) throws -> [FileChunk] {
        var offset: Int64 = 0
        var chunks: [FileChunk] = []
        for piece in pieces {
            chunks.append(FileChunk(offset: offset, size: Int64(piece.count), hash: try hash(piece)))
            offset += Int64(piece.count)
        }
        row.size = offset
        return chunks
    }

    private static func chunks(
        of size: Int,
        _ count: Int,
        _ hash: ContentHash,
        _ row: inout CatalogEntry
    ) -> [FileChunk] {
        row.size = Int64(size) * Int64(count)
        return (0..<count).map {
            FileChunk(offset: Int64($0) * Int64(size), size: Int64(size), hash: hash)
        }
    }

    private func writeExternal(_ path: [UInt8], _ content: [UInt8]) throws {
        let file = fixture.externalDirectory + String(decoding: path, as: UTF8.self)
        let parent = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(content).write(to: URL(fileURLWithPath: file))
    }
}
