// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSCatalog
import CVMFSFormat
import Digests
import RepositoryFixtures
import Testing

/// The complete miniature of the reference, written and read back.
///
/// - Source: cvmfs-format C.18, J.7.
@Suite struct MiniatureTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private static let mtime: Int64 = 1_700_000_000

    private func entry(
        _ name: String,
        _ mode: UInt32,
        _ flags: Int64,
        size: Int64 = 0,
        hash: String? = nil,
        link: String = "",
        group: UInt32 = 0,
        count: UInt32 = 1,
        attributes: [UInt8]? = nil
    ) -> CatalogEntry {
        CatalogEntry(
            name: Array(name.utf8),
            mode: mode,
            size: size,
            mtime: Self.mtime,
            flags: EntryFlags(rawValue: flags),
            hash: hash.flatMap { ContentHash($0) },
            linkTarget: Array(link.utf8),
            linkGroup: group,
            linkCount: count,
            attributes: attributes
        )
    }

    private func row(_ path: String, _ entry: CatalogEntry) -> CatalogRow {
        let parent = path.isEmpty ? nil : path.lastIndex(of: "/").map { String(path[..<$0]) }
        return CatalogRow(
            key: PathKey(path: Array(path.utf8)),
            parent: parent.map { PathKey(path: Array($0.utf8)) } ?? .parentOfRoot,
            entry: entry
        )
    }

    private let hello = "ff049c626904064d641feca0e9936e5b211807c6"
    private let empty = "e8ec3d88b62ebf526e4e5a4ff6162a3aa48a6b78"

    private func writeNested(_ path: String) throws -> CatalogCounters {
        let writer = CatalogWriter(expectedRows: 5)
        writer.add(row("/sub", entry("sub", 0o040755, 33, size: 4096, count: 2)))
        writer.add(row("/sub/.cvmfscatalog", entry(".cvmfscatalog", 0o100600, 4, hash: empty)))
        writer.add(row("/sub/a", entry("a", 0o100644, 4, size: 12, hash: hello, group: 1, count: 2)))
        writer.add(row("/sub/b", entry("b", 0o100644, 4, size: 12, hash: hello, group: 1, count: 2)))
        writer.add(row("/sub/pipe", entry("pipe", 0o010644, 20)))
        let (bytes, counters) = try writer.finish(
            .init(
                rootPrefix: Array("/sub".utf8),
                revision: 1,
                lastModified: Self.mtime,
                previousRevision: nil,
                timeToLive: nil
            ),
            subtree: .init()
        )
        try File.write(bytes, to: path)
        return counters
    }

    private var chunks: [FileChunk] {
        [
            (0, 149, "3a71c1b458d70886c4870e6a4751add63c65621f"),
            (149, 107, "c92caa5b994a8c33872c10bd2cb4ca55cb9d77c2"),
        ].compactMap { offset, size, hash in
            ContentHash(hash).map { FileChunk(offset: offset, size: size, hash: $0) }
        }
    }

    private func writeRoot(_ path: String, nested: CatalogCounters) throws -> CatalogCounters {
        let writer = CatalogWriter(expectedRows: 7)
        let attributes = ExtendedAttributes([.init(name: Array("user.foo".utf8), value: Array("bar".utf8))])?
            .encoded
        writer.add(row("", entry("", 0o040755, 1, size: 4096, count: 4)))
        writer.add(
            row("/hello.txt", entry("hello.txt", 0o100644, 4, size: 12, hash: hello, attributes: attributes))
        )
        writer.add(row("/link", entry("link", 0o120777, 12, size: 9, link: "hello.txt")))
        writer.add(row("/big.bin", entry("big.bin", 0o100644, 68, size: 256)), chunks: chunks)
        writer.add(row("/dir", entry("dir", 0o040755, 1, size: 4096, count: 2)))
        writer.add(row("/sub", entry("sub", 0o040755, 3, size: 4096, count: 2)))
        writer.add(row("/null", entry("null", 0o020644, 20, size: 259)))
        let hash = try #require(ContentHash(hello))
        writer.addNested(CatalogReference(path: Array("/sub".utf8), hash: hash, size: 13312))
        let (bytes, counters) = try writer.finish(
            .init(
                rootPrefix: [],
                revision: 1,
                lastModified: Self.mtime,
                previousRevision: nil,
                timeToLive: 240
            ),
            subtree: nested.total
        )
        try File.write(bytes, to: path)
        return counters
    }

    @Test("its counters are those of the table")
    func counters() throws {
        let nested = try writeNested(scratch.path + "/sub")
        let root = try writeRoot(scratch.path + "/root", nested: nested)
        func numbers(_ tally: CatalogCounters.Tally) -> [Int64] {
            CatalogCounters.fields.map { tally[keyPath: $0.field] }
        }
        #expect(numbers(root.own) == [2, 1, 1, 3, 1, 1, 2, 268, 256, 1, 0, 0])
        #expect(numbers(root.subtree) == [3, 0, 1, 1, 0, 0, 0, 24, 0, 0, 0, 0])
        #expect(numbers(nested.own) == [3, 0, 1, 1, 0, 0, 0, 24, 0, 0, 0, 0])
        #expect(numbers(nested.subtree) == [Int64](repeating: 0, count: 12))
        let stored = try CatalogReader(path: scratch.path + "/root").counters()
        #expect(stored.count == 24 && CatalogCounters(rows: stored) == root)
    }

    @Test("its rows have the keys of the table, and come back as they were")
    func rows() throws {
        let nested = try writeNested(scratch.path + "/sub")
        _ = try writeRoot(scratch.path + "/root", nested: nested)
        let reader = try CatalogReader(path: scratch.path + "/root")
        var keys: [String: PathKey] = [:]
        var numbers: [Int64] = []
        try reader.forEachRow {
            keys[String(decoding: $0.entry.name, as: UTF8.self)] = $0.key
            numbers.append($0.entry.rowID)
        }
        #expect(numbers == Array(1...7))
        #expect(keys["hello.txt"] == PathKey(first: -4683406450497660916, second: -4484414705795282910))
        #expect(keys["big.bin"] == PathKey(first: -132902494803733124, second: -4545371715708368437))
        #expect(keys["sub"] == PathKey(first: -6524730405444903211, second: 8304751710342537819))
        let file = try #require(try reader.entry(at: PathKey(path: Array("/hello.txt".utf8))))
        #expect(file.hash?.description == hello && file.size == 12 && file.mtimeNanoseconds == nil)
        let attributes = try #require(ExtendedAttributes(encoded: file.attributes ?? []))
        #expect(attributes[Array("user.foo".utf8)] == Array("bar".utf8))
        let big = PathKey(path: Array("/big.bin".utf8))
        #expect(try reader.chunks(of: big, algorithm: .sha1) == chunks)
        #expect(try reader.entry(at: big)?.hash == nil)
        #expect(try reader.children(of: .root).count == 6)
        #expect(try reader.nestedCatalogs().map(\.size) == [13312])
        #expect(try reader.nestedCatalog(at: Array("/sub".utf8))?.hash.description == hello)
        #expect(try reader.nestedCatalog(at: Array("/dir".utf8)) == nil)
    }

    @Test("its properties are those of schema 2.5, revision 7, and clients can open the file")
    func properties() throws {
        let nested = try writeNested(scratch.path + "/sub")
        _ = try writeRoot(scratch.path + "/root", nested: nested)
        let root = try CatalogReader(path: scratch.path + "/root")
        #expect(
            root.properties == [
                "schema": "2.5", "schema_revision": "7", "revision": "1", "last_modified": "1700000000",
                "TTL": "240",
            ]
        )
        let below = try CatalogReader(path: scratch.path + "/sub")
        #expect(below.properties["root_prefix"] == "/sub" && below.properties["TTL"] == nil)
        #expect(root.usesRollbackJournal && below.usesRollbackJournal)
        #expect(try root.countOfRowsWithoutTexts() == 0)
    }

    @Test("the same rows give the same bytes")
    func reproducible() throws {
        _ = try writeNested(scratch.path + "/one")
        _ = try writeNested(scratch.path + "/two")
        let (one, two) = (try File.read(scratch.path + "/one"), try File.read(scratch.path + "/two"))
        #expect(one == two)
    }
}
