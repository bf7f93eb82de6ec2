// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import CVMFSFormat
import CVMFSPublisher
import Digests
import FileTree
import Foundation
import ImagePublishing
import OCISpec
import RepositoryFixtures
import Testing

@Suite(.ownThread) struct ImageDifferenceTests {
    private let fixture: PublishingFixture

    init() throws { fixture = try PublishingFixture() }

    private func difference(_ repository: String = "app") throws -> [String] {
        let names = try fixture.names(repository)
        return try ImageInspector(
            data: fixture.scratch.path,
            store: fixture.store,
            records: fixture.store,
            storage: fixture.shelf.blobs,
            layerLimit: 127
        )
        .difference(names.0, names.1)
    }

    private let layer = TestLayer(
        files: [("etc/hosts", "h"), ("f", "f"), ("g", "g")]
    )

    @Test("of a plain image only what apptainer expects, and the catalogs' markers, are added")
    func added() async throws {
        try await fixture.publishImage([layer], as: "app")
        let lines = try difference()
        #expect(lines.allSatisfy { $0.hasPrefix("added /") })
        let paths = Set(lines.map { String($0.dropFirst("added ".count)) })
        #expect(paths.isSuperset(of: ["/.cvmfscatalog", "/.singularity.d/runscript", "/etc/resolv.conf"]))
        #expect(paths.isDisjoint(with: ["/etc", "/etc/hosts", "/f", "/g"]))
        #expect(lines == lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    @Test("every attribute of every kind of entry is as the layer has it")
    func attributes() async throws {
        var archive = TarBytes()
        archive.addPax([("mtime", "-1.5"), ("SCHILY.xattr.user.a", "b"), ("uid", "3000000000")])
        var file = TarBytes.Header("file")
        file.mode = "0006755"
        archive.add(file, [1])
        for (name, type, link) in [("soft", "2", "a/../b"), ("hard", "1", "file"), ("pipe", "6", "")] {
            var header = TarBytes.Header(name, type: Character(type))
            header.link = link
            archive.add(header)
        }
        var device = TarBytes.Header("null", type: "3")
        device.patch = { block in
            block.replaceSubrange(329..<336, with: TarBytes.octal(1, width: 8))
            block.replaceSubrange(337..<344, with: TarBytes.octal(3, width: 8))
        }
        archive.add(device)
        archive.add(TarBytes.Header("empty"))
        archive.add(TarBytes.Header("big"), [UInt8](repeating: 5, count: 5 << 20))
        try await fixture.publishImage([TestLayer(archive)], as: "app")
        #expect(try difference().filter { !$0.hasPrefix("added ") } == [])
    }

    @Test("what the format cannot say is a difference, not silence")
    func losses() async throws {
        var archive = TarBytes()
        archive.addPax([("SCHILY.xattr.trusted.x", "1")])
        archive.add("d/one", "1")
        var link = TarBytes.Header("two", type: "1")
        link.link = "d/one"
        archive.add(link)
        try await fixture.publishImage([TestLayer(archive)], as: "app")
        let lines = try difference().filter { !$0.hasPrefix("added ") }
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.contains("hard links 2 -> 1") && $0.contains("trusted.x missing") })
    }

    @Test("an image's own catalog marker is a file like any other")
    func ownMarker() async throws {
        let markers = TestLayer(files: [(".cvmfscatalog", "mine"), ("d/.cvmfscatalog", "too")])
        let digest = try await fixture.publishImage([markers], as: "app")
        #expect(try difference().filter { !$0.hasPrefix("added ") } == [])
        #expect(try fixture.content("\(fixture.flat(digest))/.cvmfscatalog") == "mine")
        let row = try #require(try fixture.entry("\(fixture.flat(digest))/d"))
        #expect(!row.flags.contains(.nestedMountpoint))
    }

    @Test("a tree that was damaged by hand is named entry by entry")
    func damaged() async throws {
        let digest = try await fixture.publishImage([layer], as: "app")
        let flat = try fixture.flat(digest)
        let publisher = fixture.writer
        let editor = try publisher.edit(now: PublishingFixture.start)
        try editor.remove(flat.appending(Array("g".utf8)))
        var row = try #require(try editor.entry(at: flat.appending(Array("f".utf8))))
        row.mode ^= 0o111
        row.uid = 7
        try editor.put(row, at: flat.appending(Array("f".utf8)))
        try editor.putFile(Array("x".utf8), at: flat.appending(TreePath("etc/hosts")))
        try editor.putLink(to: [1], at: flat.appending(Array("extra".utf8)))
        try publisher.commit(editor)
        let lines = try difference()
        #expect(lines.contains("missing /g") && lines.contains("added /extra"))
        #expect(lines.contains("changed /f: mode 644 -> 755, uid 0 -> 7"))
        #expect(lines.contains { $0.hasPrefix("changed /etc/hosts: ") && $0.hasSuffix("content") })
        try publisher.removeTree(flat)
        #expect(try difference() == ["missing /"])
    }

    @Test("a tag that is not published has no differences to show")
    func unpublished() throws {
        let problem = #expect(throws: ImageProblem.self) { try difference("nothing") }
        #expect(problem?.code == .manifestMissing)
    }
}

extension RepositoryPublisher {
    fileprivate func removeTree(_ path: TreePath) throws {
        let editor = try edit(now: PublishingFixture.start)
        try editor.remove(path)
        try commit(editor)
    }
}
