// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSCatalog
import CVMFSFormat
import Digests
import Foundation
import RepositoryFixtures
import Testing

/// Catalogs are written page by page without SQLite, so SQLite itself is asked whether they are sound.
@Suite struct PackedCatalogTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    /// Numbers that are the same in every run.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private func bytes(_ count: Int, _ numbers: inout Numbers) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 1...255, using: &numbers) }
    }

    private func entry(_ number: Int, longest: Int, _ numbers: inout Numbers) -> CatalogEntry {
        var entry = CatalogEntry(
            name: Array("entry \(number)".utf8),
            mode: UInt32.random(in: 0...0o177777, using: &numbers),
            uid: UInt32.random(in: 0...(.max), using: &numbers),
            gid: UInt32.random(in: 0...1, using: &numbers),
            size: Int64(bitPattern: numbers.next()) >> Int64.random(in: 0...63, using: &numbers),
            mtime: Int64(bitPattern: numbers.next()) >> Int64.random(in: 0...63, using: &numbers),
            mtimeNanoseconds: Bool.random(using: &numbers) ? Int32.random(in: 0...999, using: &numbers) : nil,
            flags: [.file, .symbolicLink]
        )
        entry.linkTarget = bytes(Int.random(in: 0...longest, using: &numbers), &numbers)
        if Bool.random(using: &numbers) {
            entry.attributes = bytes(Int.random(in: 0...longest, using: &numbers), &numbers)
        }
        return entry
    }

    private func key(_ number: Int) -> PathKey { PathKey(path: Array("/entry \(number)".utf8)) }

    @Test(
        "SQLite finds every row of a catalog and nothing wrong with it, whatever its size",
        arguments: [
            (0, 10), (1, 10), (2, 4000), (9, 300), (100, 0), (257, 40), (300, 9000), (3000, 2000),
            (20_000, 30), (60_000, 0),
        ]
    )
    func sound(count: Int, longest: Int) throws {
        var numbers = Numbers(state: UInt64(count))
        let writer = CatalogWriter(expectedRows: count)
        var entries: [CatalogEntry] = []
        var chunks: [[FileChunk]] = []
        let hash = ContentHash(.sha1, of: [1])
        for number in 0..<count {
            entries.append(entry(number, longest: longest, &numbers))
            chunks.append(
                (0..<(number % 3 == 0 ? number % 50 : 0)).map {
                    FileChunk(offset: Int64($0) << 20, size: 1 << 20, hash: hash)
                }
            )
            let parent: PathKey = number % 7 == 0 ? .root : key(number / 7)
            writer.add(
                CatalogRow(key: key(number), parent: parent, entry: entries[number]),
                chunks: chunks[number]
            )
        }
        let nested = (0..<min(count, 400)).map {
            CatalogReference(path: Array("/entry \($0)".utf8), hash: hash, size: Int64($0))
        }
        for reference in nested { writer.addNested(reference) }
        let path = scratch.path + "/catalog"
        let written = try writer.finish(
            .init(rootPrefix: [], revision: 7, lastModified: 5, previousRevision: nil, timeToLive: 9),
            subtree: .init()
        )
        try File.write(written.bytes, to: path)
        let reader = try CatalogReader(path: path)
        #expect(try reader.integrityFaults() == [])
        #expect(try reader.extent().rows == Int64(count))
        #expect(try reader.nestedCatalogs().count == nested.count)
        for number in stride(from: 0, to: count, by: max(1, count / 500)) {
            var expected = entries[number]
            expected.rowID = Int64(number + 1)
            #expect(try reader.entry(at: key(number)) == expected)
            #expect(try reader.chunks(of: key(number), algorithm: .sha1) == chunks[number])
        }
    }

    @Test("every number of rows around the filling of a page and of a level gives a sound tree")
    func boundaries() throws {
        // With pages of 1 KiB, an index holds some 40 entries a page and some 1,700 on two levels.
        for count in Array(30...80) + Array(1650...1760) {
            let writer = CatalogWriter(expectedRows: 1)
            for number in 0..<count {
                let entry = CatalogEntry(name: Array("\(number)".utf8), mode: 0o100644, flags: .file)
                writer.add(CatalogRow(key: key(number), parent: .root, entry: entry))
            }
            let written = try writer.finish(
                .init(rootPrefix: [], revision: 1, lastModified: 0, previousRevision: nil, timeToLive: nil),
                subtree: .init()
            )
            let path = scratch.path + "/\(count)"
            try File.write(written.bytes, to: path)
            let reader = try CatalogReader(path: path)
            #expect(try reader.integrityFaults() == [])
            #expect(try reader.children(of: .root).count == count)
        }
    }

    @Test("two rows of one path are refused")
    func twice() {
        let writer = CatalogWriter(expectedRows: 2)
        let entry = CatalogEntry(name: [65], mode: 0o100644, flags: .file)
        for _ in 0..<2 { writer.add(CatalogRow(key: key(1), parent: .root, entry: entry)) }
        #expect(throws: CatalogProblem.self) {
            try writer.finish(
                .init(rootPrefix: [], revision: 1, lastModified: 0, previousRevision: nil, timeToLive: nil),
                subtree: .init()
            )
        }
    }
}
