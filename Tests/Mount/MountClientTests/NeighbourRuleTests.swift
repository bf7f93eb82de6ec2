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

    private func names(_ children: [CatalogEntry], after name: String) -> [String] {
        NeighbourRule.files(of: children, after: Array(name.utf8)).map {
            String(decoding: $0.name, as: UTF8.self)
        }
    }

    @Test("what follows in the alphabet comes first, then what stands before, and the file itself not at all")
    func order() {
        let children = ["d", "a", "c", "b", "e"].map { file($0) }
        #expect(names(children, after: "c") == ["d", "e", "a", "b"])
    }

    @Test("large, empty, chunked, external and hidden files stay out, and so does what is no file")
    func selection() {
        let children = [
            file("large", size: NeighbourRule.fileLimit + 1), file("limit", size: NeighbourRule.fileLimit),
            file("empty", size: 0), file("chunked", [.file, .chunked]),
            file("external", [.file, .external]), file("hidden", [.file, .hidden]),
            file("directory", .directory), file("link", .symbolicLink), file("plain"),
        ]
        #expect(names(children, after: "") == ["limit", "plain"])
    }

    @Test("a directory's share is bounded")
    func bound() {
        let children = (0..<1000).map { file("f\($0 + 1000)", size: 100 << 10) }
        let chosen = NeighbourRule.files(of: children, after: [])
        #expect(chosen.reduce(0) { $0 + $1.size } <= NeighbourRule.directoryLimit)
        #expect(chosen.count == Int(NeighbourRule.directoryLimit / (100 << 10)))
    }
}
