// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import FileTree
import Foundation
import ImagePublishing
import MetadataStore
import Testing

@Suite struct FidelityTests {
    private let plain = EntryMetadata(permissions: 0o644, mtime: ModificationTime(seconds: 1))

    private func name(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func attributed(_ names: [(String, [UInt8])]) -> ImageTree.Inode {
        var metadata = plain
        metadata.attributes = names.map { RawAttribute(name: name($0.0), value: $0.1) }
        return ImageTree.Inode(kind: .regular, metadata: metadata)
    }

    private func link(to target: String) -> ImageTree.Inode {
        ImageTree.Inode(kind: .symbolicLink, metadata: plain, linkTarget: name(target))
    }

    /// A tree with one of each kind of thing that the format cannot say.
    private func tree() throws -> ImageTree {
        let tree = ImageTree()
        let directory = try tree.add(
            name("d"),
            to: tree.root,
            ImageTree.Inode(kind: .directory, metadata: plain)
        )
        try tree.add(
            name("x"),
            to: tree.root,
            attributed([
                ("trusted.overlay.opaque", [1]), ("user.a", [2]), ("user.overlay.redirect", [3]),
                ("user.long", [UInt8](repeating: 4, count: 256)),
            ])
        )
        try tree.add(name("v"), to: tree.root, link(to: "/lib/$(ARCH)"))
        let split = try tree.add(name("one"), to: tree.root, attributed([]))
        try tree.link(name("two"), to: directory, split)
        let soft = try tree.add(name("s1"), to: directory, link(to: "target"))
        try tree.link(name("s2"), to: directory, soft)
        return tree
    }

    @Test("a plain tree has nothing to tell")
    func nothing() throws {
        let tree = ImageTree()
        let first = try tree.add(name("a"), to: tree.root, attributed([("user.a", [1])]))
        try tree.link(name("b"), to: tree.root, first)
        try tree.add(name("l"), to: tree.root, link(to: "$HOME/(x)"))
        let fidelity = Fidelity(of: tree)
        #expect(fidelity.warnings.isEmpty)
        #expect(fidelity.attributes.isEmpty && fidelity.hardLinks.isEmpty && fidelity.variableLinks.isEmpty)
    }

    @Test("each kind of loss is a warning that names its entry")
    func warnings() throws {
        let warnings = Fidelity(of: try tree()).warnings
        #expect(
            Set(warnings) == [
                PublicationWarning(kind: "xattr-steers-overlay", path: "/x"),
                PublicationWarning(kind: "xattr-too-long", path: "/x"),
                PublicationWarning(kind: "link-variable", path: "/v"),
                PublicationWarning(kind: "hardlink-split", path: "/one"),
                PublicationWarning(kind: "hardlink-split", path: "/d/two"),
                PublicationWarning(kind: "hardlink-to-symlink", path: "/d/s1"),
                PublicationWarning(kind: "hardlink-to-symlink", path: "/d/s2"),
            ]
        )
        // Two attributes of one entry steer overlays.
        #expect(warnings.count == 8)
    }

    @Test("of more than 255 attributes the first by name are kept")
    func tooMany() throws {
        let tree = ImageTree()
        let names = (0..<257).map { ("user.\(1000 + $0)", [UInt8]()) }
        try tree.add(name("x"), to: tree.root, attributed(names.reversed()))
        let fidelity = Fidelity(of: tree)
        #expect(fidelity.attributes.map(\.name) == ["user.1255", "user.1256"])
        #expect(fidelity.attributes.allSatisfy { $0.reason == "xattr-too-many" })
    }

    @Test("names and values that are no text survive the record")
    func bytes() throws {
        let tree = ImageTree()
        try tree.add([0xff, 0x25], to: tree.root, attributed([("trusted.x", [0, 255])]))
        let attribute = try #require(Fidelity(of: tree).attributes.first)
        #expect(attribute.path == "/%FF%25" && attribute.value == Data([0, 255]))
    }

    @Test("the record is the same bytes each time, and reads back as it was")
    func roundTrip() throws {
        let fidelity = Fidelity(of: try tree())
        #expect(Fidelity(of: try tree()).json == fidelity.json)
        #expect(try JSONDecoder().decode(Fidelity.self, from: Data(fidelity.json)) == fidelity)
    }
}
