// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import CVMFSFormat
import CVMFSPublisher
import CompressionCodecs
import FileTree
import ImagePublishing
import Testing

@Suite(.ownThread) struct TarballIngestTests {
    private let fixture: PublishingFixture

    init() throws { fixture = try PublishingFixture() }

    @discardableResult
    private func publish(
        _ archive: TarBytes?,
        at base: String = "sw",
        deleting deletions: [String] = [],
        as form: TestLayer.Form = .plain
    ) throws -> UInt64 {
        let source = archive.map { archive in
            var rest = TestLayer(archive, as: form).blob[...]
            return { (buffer: UnsafeMutableRawBufferPointer) in
                let count = min(buffer.count, rest.count)
                buffer.copyBytes(from: rest.prefix(count))
                rest = rest.dropFirst(count)
                return count
            }
        }
        return try TarballIngest(publisher: fixture.writer)
            .publish(
                source,
                at: TreePath(base),
                deleting: deletions.map { TreePath($0) },
                now: PublishingFixture.start
            )
    }

    private func archive(_ files: [(String, String)]) -> TarBytes {
        var archive = TarBytes()
        for (name, content) in files { archive.add(name, content) }
        return archive
    }

    private func directory(_ name: String, mode: String) -> TarBytes.Header {
        var header = TarBytes.Header(name, type: "5")
        header.mode = mode
        return header
    }

    @Test("an archive is published below a directory that did not exist", arguments: TestLayer.Form.allCases)
    func new(form: TestLayer.Form) throws {
        let before = fixture.revision
        #expect(try publish(archive([("d/a", "1")]), at: "sw/v1", as: form) == before + 1)
        #expect(try fixture.content("sw/v1/d/a") == "1")
        #expect(try fixture.entry("sw/v1")?.flags.contains(.nestedMountpoint) == true)
    }

    @Test("a directory that exists keeps its attributes and its other entries")
    func merged() throws {
        var first = TarBytes()
        first.add(directory("d", mode: "0000700"))
        first.add("d/old", "old")
        first.add("d/same", "before")
        try publish(first)
        var second = TarBytes()
        second.add(directory("d", mode: "0000777"))
        second.add("d/same", "after")
        second.add("e/new", "new")
        try publish(second)
        #expect(try fixture.entry("sw/d").map { $0.mode & 0o7777 } == 0o700)
        #expect(try fixture.content("sw/d/old") == "old" && fixture.content("sw/d/same") == "after")
        #expect(try fixture.content("sw/e/new") == "new")
    }

    @Test("what is no directory on one side is replaced")
    func replaced() throws {
        try publish(archive([("a/x", "1"), ("b", "2")]))
        try publish(archive([("a", "now a file"), ("b/y", "3")]))
        #expect(try fixture.content("sw/a") == "now a file" && fixture.content("sw/b/y") == "3")
        #expect(try fixture.entry("sw/a/x") == nil)
    }

    @Test("deletions come first, and need not find anything")
    func deletions() throws {
        try publish(archive([("a", "1"), ("d/b", "2")]))
        try publish(archive([("a", "3")]), deleting: ["sw/a", "sw/d", "nowhere/at/all"])
        #expect(try fixture.names(in: "sw") == ["a"])
        #expect(try fixture.content("sw/a") == "3")
        try publish(nil, deleting: ["sw"])
        #expect(try fixture.entry("sw") == nil)
    }

    @Test("names with the prefix of whiteouts are ordinary")
    func whiteouts() throws {
        try publish(archive([("d/a", "1")]))
        try publish(archive([("d/.wh.a", ""), ("d/.wh..wh..opq", "")]))
        #expect(try fixture.names(in: "sw/d") == [".wh..wh..opq", ".wh.a", "a"])
    }

    private func links(_ names: [String]) -> TarBytes {
        var archive = archive([(names[0], names[0])])
        for name in names.dropFirst() {
            var header = TarBytes.Header(name, type: "1")
            header.link = names[0]
            archive.add(header)
        }
        return archive
    }

    private func group(_ path: String) throws -> UInt32 {
        try #require(try fixture.entry(path)).linkGroup
    }

    @Test("hard links of one directory are a group, in a new directory and in one that exists")
    func hardLinks() throws {
        try publish(links(["d/a", "d/b"]))
        try publish(links(["d/x", "d/y", "d/z"]))
        #expect(try fixture.entry("sw/d/a")?.linkCount == 2 && fixture.entry("sw/d/z")?.linkCount == 3)
        #expect(try group("sw/d/a") != 0 && group("sw/d/a") == group("sw/d/b"))
        #expect(try group("sw/d/x") != 0 && group("sw/d/x") == group("sw/d/z"))
        #expect(try group("sw/d/a") != group("sw/d/x"))
    }

    @Test("an archive that breaks off publishes nothing")
    func truncated() throws {
        let before = fixture.revision
        let bytes = archive([("a", String(repeating: "x", count: 5000))]).bytes.prefix(1000)
        var rest = bytes[...]
        #expect(throws: (any Error).self) {
            try TarballIngest(publisher: fixture.writer)
                .publish(
                    { buffer in
                        let count = min(buffer.count, rest.count)
                        buffer.copyBytes(from: rest.prefix(count))
                        rest = rest.dropFirst(count)
                        return count
                    },
                    at: TreePath("sw"),
                    deleting: [],
                    now: PublishingFixture.start
                )
        }
        #expect(fixture.revision == before)
        #expect(try fixture.entry("sw") == nil)
    }
}
