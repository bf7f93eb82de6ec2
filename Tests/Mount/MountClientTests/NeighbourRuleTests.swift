// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import Digests
import MountClient
import Testing

@Suite("neighbours that are fetched ahead")
struct NeighbourRuleTests {
    private func file(_ name: String, size: Int64 = 1000, _ flags: EntryFlags = .file) -> CatalogEntry {
        let bytes = Array(name.utf8)
        return CatalogEntry(
            name: bytes,
            mode: 0o644,
            size: size,
            flags: flags,
            hash: ContentHash(.sha1, of: bytes)
        )
    }

    private static let fileLimit: Int64 = 256 << 10

    private func names(
        _ children: [CatalogEntry],
        after name: String,
        within extent: NeighbourRule.Extent? = nil,
        budget: Int64 = 8 << 20
    ) -> [String] {
        var budget = budget
        return NeighbourRule.files(
            of: children,
            after: Array(name.utf8),
            upTo: Self.fileLimit,
            within: extent,
            &budget
        ).map { String(decoding: $0.name, as: UTF8.self) }
    }

    @Test("what follows in the alphabet comes first, then what stands before, and the file itself not at all")
    func order() {
        let children = ["d", "a", "c", "b", "e"].map { file($0) }
        #expect(names(children, after: "c") == ["d", "e", "a", "b"])
    }

    @Test("large, empty, chunked, external and hidden files stay out, and so does what is no file")
    func selection() {
        let children = [
            file("large", size: Self.fileLimit + 1), file("limit", size: Self.fileLimit),
            file("empty", size: 0), file("chunked", [.file, .chunked]),
            file("external", [.file, .external]), file("hidden", [.file, .hidden]),
            file("directory", .directory), file("link", .symbolicLink), file("plain"),
        ]
        #expect(names(children, after: "") == ["limit", "plain"])
    }

    @Test("what is chosen comes out of the budget, and what does not fit ends it")
    func bound() {
        let children = (0..<100).map { file("f\($0 + 1000)", size: 100 << 10) }
        var budget: Int64 = 1 << 20
        let chosen = NeighbourRule.files(of: children, after: [], upTo: Self.fileLimit, &budget)
        #expect(chosen.count == 10)
        #expect(budget == 0)
        #expect(NeighbourRule.files(of: children, after: [], upTo: Self.fileLimit, &budget).isEmpty)
    }

    @Test("of a directory that is larger than one wait is a sign for, nothing is chosen")
    func extent() {
        let children = ["a", "b", "c"].map { file($0, size: 1000) }
        #expect(names(children, after: "a", within: .init(files: 3, bytes: 3000)) == ["b", "c"])
        #expect(names(children, after: "a", within: .init(files: 2, bytes: 3000)).isEmpty)
        #expect(names(children, after: "a", within: .init(files: 3, bytes: 2999)).isEmpty)
    }
}
