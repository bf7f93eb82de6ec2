// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSCatalog
import CVMFSFormat
import CVMFSPublisher
import Digests
import FileTree
import Foundation
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

extension PublishedFixture {
    /// The named snapshots of the newest revision.
    func snapshots() throws -> [NamedSnapshot] {
        let manifest = try served()
        let objects = ObjectStore(location: location, algorithm: .sha1)
        let history = try Self.required(manifest.history)
        return try objects.withDatabase(history, .history) { try HistoryDatabase.read(path: $0).snapshots }
    }

    /// Commits one transaction.
    func commit(_ now: Int64 = start, _ change: (CatalogEditor, RepositoryPublisher) throws -> Void) throws {
        let publisher = try open(now: now)
        let editor = try publisher.edit(now: now)
        try change(editor, publisher)
        try publisher.commit(editor)
    }
}

/// A tree of `count` files in directories of ten, for grafting.
func tree(files count: Int, object: ContentHash) throws -> ImageTree {
    let tree = ImageTree()
    let metadata = EntryMetadata(permissions: 0o755, mtime: ModificationTime(seconds: 1))
    for number in 0..<count {
        let name = Array("d\(number / 10)".utf8)
        let directory: ImageTree.NodeID
        if let known = tree.child(name, of: tree.root) {
            directory = known
        } else {
            directory = try tree.add(name, to: tree.root, .init(kind: .directory, metadata: metadata))
        }
        let content = StoredContent(pieces: [StoredPiece(size: 0, object: object)])
        try tree.add(
            Array("f\(number)".utf8),
            to: directory,
            .init(kind: .regular, metadata: metadata, content: content)
        )
    }
    return tree
}

@Suite struct CatalogEditorTests {
    @Test("directories with catalogs of their own are made, filled, and stay without faults")
    func nested() throws {
        let fixture = try PublishedFixture()
        try fixture.commit { editor, _ in
            try editor.makeDirectory(TreePath("a/b/c")) { $0 == TreePath("a") || $0 == TreePath("a/b") }
            try editor.putFile(Array("x".utf8), at: TreePath("a/b/c/file"))
            try editor.putLink(to: Array("c/file".utf8), at: TreePath("a/b/link"))
        }
        #expect(try fixture.listing() == ["a/", "a/b/", "a/b/c/", "a/b/c/file", "a/b/link"])
        #expect(try fixture.faults().isEmpty)
        try fixture.commit { editor, _ in
            try editor.putFile(Array("y".utf8), at: TreePath("a/b/c/other"))
            try editor.remove(TreePath("a/b/link"))
        }
        #expect(try fixture.listing() == ["a/", "a/b/", "a/b/c/", "a/b/c/file", "a/b/c/other"])
        #expect(try fixture.faults().isEmpty)
    }

    @Test("a tree is grafted, replaced by another, and removed, and the totals follow")
    func graft() throws {
        let fixture = try PublishedFixture()
        for count in [55, 7, 30] {
            try fixture.commit { editor, publisher in
                try editor.makeDirectory(TreePath("images"))
                let tree = try tree(files: count, object: publisher.emptyFileObject)
                let path = TreePath("images/one")
                try editor.graft(try publisher.write(tree, at: path, now: editor.now), at: path)
            }
            #expect(try fixture.listing().count { !$0.hasSuffix("/") } == count)
            let faults = try fixture.faults()
            #expect(faults.isEmpty, "\(faults)")
        }
        try fixture.commit { editor, _ in try editor.remove(TreePath("images/one")) }
        #expect(try fixture.listing() == ["images/"])
        #expect(try fixture.faults().isEmpty)
    }

    @Test("directories that hold nothing but a catalog marker go, up to the limit")
    func emptyDirectories() throws {
        let fixture = try PublishedFixture()
        try fixture.commit { editor, _ in
            try editor.makeDirectory(TreePath("a/b/c")) { $0 == TreePath("a/b") }
            try editor.putFile([1], at: TreePath("a/b/c/file"))
        }
        try fixture.commit { editor, _ in
            try editor.remove(TreePath("a/b/c/file"))
            try editor.removeEmptyDirectories(from: TreePath("a/b/c"), below: TreePath("a"))
        }
        #expect(try fixture.listing() == ["a/"])
        #expect(try fixture.faults().isEmpty)
    }

    @Test("nothing can be put below what is no directory")
    func notADirectory() throws {
        let fixture = try PublishedFixture()
        try fixture.commit { editor, _ in
            try editor.putFile([1], at: TreePath("file"))
            #expect(throws: PublisherProblem.self) { try editor.putFile([2], at: TreePath("file/below")) }
            #expect(throws: PublisherProblem.self) { try editor.makeDirectory(TreePath("file/below")) }
            #expect(throws: PublisherProblem.self) { try editor.putFile([2], at: TreePath("missing/below")) }
            #expect(try editor.remove(TreePath("missing")) == false)
        }
        #expect(try fixture.listing() == ["file"])
    }

    @Test("when a member of a hard link group goes, the others count one less")
    func hardLinkGroup() throws {
        let fixture = try PublishedFixture()
        try fixture.commit { editor, publisher in
            let object = publisher.emptyFileObject
            for name in ["a", "b", "c"] {
                let entry = CatalogEntry(
                    name: Array(name.utf8),
                    mode: 0o100644,
                    flags: .regular(object.algorithm, .zlib, chunked: false),
                    hash: object,
                    linkGroup: 1,
                    linkCount: 3
                )
                try editor.put(entry, at: TreePath(name))
            }
        }
        #expect(try fixture.faults().isEmpty)
        try fixture.commit { editor, _ in try editor.remove(TreePath("b")) }
        #expect(try fixture.faults().isEmpty)
        try fixture.commit { editor, _ in try editor.remove(TreePath("c")) }
        let faults = try fixture.faults()
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test(
        "after random edits the tree is the model's and a full recount finds no fault",
        arguments: 0..<8 as Range<UInt64>
    )
    func randomEdits(seed: UInt64) throws {
        let fixture = try PublishedFixture()
        var random = Seeded(seed: seed)
        var model: Set<String> = []
        for _ in 0..<6 {
            try fixture.commit { editor, publisher in
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    try edit(editor, publisher, &model, using: &random)
                }
            }
            #expect(try fixture.listing() == model.sorted(), "seed \(seed)")
            let faults = try fixture.faults()
            #expect(faults.isEmpty, "seed \(seed): \(faults)")
        }
    }

    /// Makes one random change to the repository and to the model.
    private func edit(
        _ editor: CatalogEditor,
        _ publisher: RepositoryPublisher,
        _ model: inout Set<String>,
        using random: inout Seeded
    ) throws {
        let depth = Int.random(in: 1...3, using: &random)
        let names = (0..<depth).map { _ in ["a", "b", "c"][Int.random(in: 0..<3, using: &random)] }
        let (path, parent) = (names.joined(separator: "/"), names.dropLast().joined(separator: "/"))
        let hasParent = parent.isEmpty || model.contains(parent + "/")
        func forget() { model = model.filter { $0 != path && !$0.hasPrefix(path + "/") } }
        switch Int.random(in: 0..<5, using: &random) {
        case 0 where hasParent && !model.contains(path):
            let owns = Bool.random(using: &random)
            try editor.makeDirectory(TreePath(path)) { _ in owns }
            model.insert(path + "/")
        case 1 where hasParent:
            try editor.putFile(Array(path.utf8), at: TreePath(path))
            forget()
            model.insert(path)
        case 2 where hasParent:
            let tree = try tree(
                files: Int.random(in: 1...25, using: &random),
                object: publisher.emptyFileObject
            )
            try editor.graft(
                try publisher.write(tree, at: TreePath(path), now: editor.now),
                at: TreePath(path)
            )
            forget()
            model.insert(path + "/")
            var pending = [tree.root]
            while let node = pending.popLast() {
                for child in tree.children(of: node) {
                    let isDirectory = tree.inode(of: child).kind == .directory
                    let below = String(decoding: tree.path(of: child).bytes, as: UTF8.self)
                    model.insert("\(path)/\(below)" + (isDirectory ? "/" : ""))
                    if isDirectory { pending.append(child) }
                }
            }
        case 3, 4:
            try editor.remove(TreePath(path))
            forget()
        default: break
        }
    }
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
