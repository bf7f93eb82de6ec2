// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSCatalog
import CVMFSFormat
import CVMFSReader
import Digests
import Foundation
import ObjectCache
import RepositoryFixtures
import Testing

@Suite("open catalogs")
struct CatalogShelfTests {
    let scratch: ScratchDirectory
    let cache: ObjectCache
    let objects: ObjectFetcher

    init() throws {
        scratch = try ScratchDirectory()
        cache = try ObjectCache(
            directory: scratch.path + "/cache",
            limitInBytes: 1 << 30,
            now: { 1000 },
            report: { _ in }
        )
        objects = ObjectFetcher(source: DirectorySource(scratch.path), external: nil, cache: cache)
    }

    /// Puts a catalog of a directory `d` with a file into the cache.
    private func catalog(_ number: Int) throws -> CatalogPlace {
        let writer = CatalogWriter(expectedRows: 3)
        let directory: EntryFlags = .directory
        let rows: [(String, String, CatalogEntry)] = [
            ("", "", CatalogEntry(name: [], mode: 0o40755, flags: directory)),
            ("/d", "", CatalogEntry(name: Array("d".utf8), mode: 0o40755, flags: directory)),
            (
                "/d/file", "/d",
                CatalogEntry(name: Array("file".utf8), mode: 0o100644, size: Int64(number), flags: .file)
            ),
        ]
        for (path, parent, entry) in rows {
            let key: PathKey = path.isEmpty ? .parentOfRoot : PathKey(path: Array(parent.utf8))
            writer.add(CatalogRow(key: PathKey(path: Array(path.utf8)), parent: key, entry: entry))
        }
        let content = try writer.finish(
            .init(rootPrefix: [], revision: 1, lastModified: 5, previousRevision: nil, timeToLive: 9),
            subtree: .init()
        ).bytes
        let hash = ContentHash(.sha1, of: content)
        let transaction = try cache.begin(.metadata)
        try content.withUnsafeBytes { try transaction.write($0) }
        _ = try transaction.commit(as: hash)
        return CatalogPlace(hash: hash, mountPath: [])
    }

    @Test("shelves share what they have no room for, and no more stay open than both limits allow")
    func sharing() throws {
        let library = CatalogLibrary(limit: 3)
        let shelves = (0..<2).map { _ in CatalogShelf(objects, limit: 1, library: library) }
        let places = try (0..<6).map { try catalog($0) }
        let first = try shelves[0].reader(places[0], .localOnly)
        _ = try shelves[0].reader(places[1], .localOnly)
        #expect(library.count == 1)
        // The other thread gets the very connection that the first has no room for.
        #expect(try shelves[1].reader(places[0], .localOnly) === first)
        #expect(library.count == 0)
        for place in places + places {
            for shelf in shelves { _ = try shelf.reader(place, .localOnly) }
        }
        #expect(library.count <= 3 && shelves.allSatisfy { $0.count == 1 })
    }

    @Test("a row is found by its number, with its path")
    func rows() throws {
        let walker = TreeWalker(CatalogShelf(objects, limit: 2))
        let (one, two) = (try catalog(1), try catalog(2))
        for place in [one, two, one] {
            let root = DirectoryPlace(catalog: place, path: [])
            let found = try #require(
                try walker.find([Array("d".utf8), Array("file".utf8)], from: root, .localOnly)
            )
            let again = try #require(try walker.entry(ofRow: found.entry.rowID, in: place, .localOnly))
            #expect(again.entry == found.entry && again.path == Array("/d/file".utf8))
        }
        #expect(try walker.entry(ofRow: 99, in: one, .localOnly) == nil)
        #expect(try walker.entry(ofRow: .min, in: one, .localOnly) == nil)
        #expect(try walker.entry(ofRow: 1, in: one, .localOnly)?.path == [])
    }
}
