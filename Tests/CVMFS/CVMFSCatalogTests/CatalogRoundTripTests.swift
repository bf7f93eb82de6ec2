// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSCatalog
import CVMFSFormat
import Digests
import Foundation
import RepositoryFixtures
import Testing

/// Files as byte arrays.
enum File {
    static func read(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}

@Suite struct CatalogRoundTripTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func hash(_ number: Int, _ algorithm: ContentHashAlgorithm = .sha1) -> ContentHash {
        ContentHash(algorithm, of: Array("\(number)".utf8))
    }

    @Test("every column comes back, at the ends of its range", arguments: ContentHashAlgorithm.allCases)
    func extremes(algorithm: ContentHashAlgorithm) throws {
        let entries = [
            CatalogEntry(
                name: [0xff, 0xfe, 0x0a, 0x27],
                mode: 0o107777,
                uid: .max,
                gid: 3_000_000_000,
                size: .max,
                mtime: -1,
                mtimeNanoseconds: 999_999_999,
                flags: .regular(algorithm, .none, chunked: false),
                hash: hash(1, algorithm),
                linkGroup: .max,
                linkCount: .max,
                attributes: [1, 0]
            ),
            CatalogEntry(
                name: Array("link".utf8),
                mode: 0o120777,
                mtime: .min,
                mtimeNanoseconds: 0,
                flags: [.file, .symbolicLink],
                linkTarget: [0xff, 0x2f, 0xfe]
            ),
            CatalogEntry(name: Array("plain".utf8), mode: 0o100000, mtime: .max, flags: .file, hash: hash(2)),
        ]
        let path = scratch.path + "/catalog"
        let writer = CatalogWriter(expectedRows: 3)
        for entry in entries {
            writer.add(CatalogRow(key: PathKey(path: [47] + entry.name), parent: .root, entry: entry))
        }
        let bind = CatalogReference(path: Array("/b".utf8), hash: hash(3, algorithm), size: 5)
        writer.addBindMountpoint(bind)
        let bytes = try writer.finish(
            .init(
                rootPrefix: [],
                revision: .max,
                lastModified: 5,
                previousRevision: hash(4, algorithm),
                timeToLive: 9
            ),
            subtree: .init()
        ).bytes
        try File.write(bytes, to: path)
        let reader = try CatalogReader(path: path)
        for (index, entry) in entries.enumerated() {
            var expected = entry
            expected.rowID = Int64(index + 1)
            #expect(try reader.entry(at: PathKey(path: [47] + entry.name)) == expected)
        }
        #expect(reader.revision == .max && reader.lastModified == 5 && reader.timeToLive == 9)
        #expect(reader.previousRevision == hash(4, algorithm))
        #expect(try reader.bindMountpoints() == [bind])
        #expect(try reader.bindMountpoint(at: bind.path) == bind)
        #expect(try reader.entry(at: PathKey(path: Array("/none".utf8))) == nil)
    }

    @Test("a listing can be continued after any row")
    func continuedListing() throws {
        let path = scratch.path + "/catalog"
        let writer = CatalogWriter(expectedRows: 100)
        for number in 0..<100 {
            let name = Array("file\(number)".utf8)
            let entry = CatalogEntry(name: name, mode: 0o100644, flags: .file, hash: hash(number))
            writer.add(CatalogRow(key: PathKey(path: [47] + name), parent: .root, entry: entry))
        }
        let bytes = try writer.finish(
            .init(rootPrefix: [], revision: 1, lastModified: 0, previousRevision: nil, timeToLive: nil),
            subtree: .init()
        ).bytes
        try File.write(bytes, to: path)
        let reader = try CatalogReader(path: path)
        var names: Set<[UInt8]> = []
        var last: Int64 = 0
        repeat {
            var count = 0
            try reader.forEachChild(of: .root, after: last) { entry in
                names.insert(entry.name)
                last = entry.rowID
                count += 1
                return count < 7
            }
            if count == 0 { break }
        } while true
        #expect(names.count == 100)
    }

    @Test(
        "a file that is no catalog is refused with its path",
        arguments: ["", "not a database", "SQLite format 3\0"]
    )
    func notACatalog(content: String) throws {
        let path = scratch.path + "/bad"
        try File.write(Array(content.utf8), to: path)
        let problem = #expect(throws: CatalogProblem.self) { try CatalogReader(path: path) }
        #expect(problem?.path == path)
    }

    @Test("a history comes back with its tags, branches and predecessor")
    func history() throws {
        let path = scratch.path + "/history"
        let snapshots = (1...3).map {
            NamedSnapshot(
                name: "tag-\($0)",
                rootCatalog: hash($0, .shake128),
                revision: UInt64($0),
                timestamp: Int64($0) * 100,
                description: "some 'text' \u{1F40B}",
                size: Int64($0)
            )
        }
        let contents = HistoryDatabase.Contents(
            repository: "a.example.org",
            previousRevision: hash(9),
            snapshots: snapshots
        )
        try HistoryDatabase.write(contents, path: path)
        let read = try HistoryDatabase.read(path: path)
        #expect(read.repository == "a.example.org" && read.previousRevision == hash(9))
        #expect(read.snapshots == snapshots)
        #expect(try HistoryDatabase.branches(path: path) == [""])
    }

    @Test("a reflog grows, and adding an object again refreshes its time")
    func reflog() throws {
        let path = scratch.path + "/reflog"
        let first = ReflogReference(hash: hash(1), kind: .catalog, timestamp: 1)
        let second = ReflogReference(hash: hash(2, .rmd160), kind: .history, timestamp: 2)
        let later = ReflogReference(hash: hash(1), kind: .catalog, timestamp: 7)
        try ReflogDatabase.add([first, second], repository: "a.example.org", path: path, exists: false)
        #expect(Set(try ReflogDatabase.read(path: path)) == [first, second])
        try ReflogDatabase.add([later], repository: "a.example.org", path: path, exists: true)
        #expect(Set(try ReflogDatabase.read(path: path)) == [second, later])
    }
}
