// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import FileTree
import Testing

/// - Source: OCI image specification 1.1, "Image Layer Filesystem Changeset".
@Suite struct LayerMergeTests {
    @Test("a whiteout removes the lower file, with all below it")
    func whiteout() throws {
        let tree = try merged([[.directory("a"), .file("a/b", 1), .file("c", 2)], [.whiteout("a")]])
        #expect(tree.listing == ["c:2"])
    }

    @Test("a whiteout hides nothing of its own layer, wherever it stands")
    func whiteoutOrder() throws {
        for layer in [[Step.whiteout("a"), .file("a", 2)], [.file("a", 2), .whiteout("a")]] {
            #expect(try merged([[.file("a", 1)], layer]).listing == ["a:2"])
        }
    }

    @Test("an opaque marker empties the lower directory and keeps what its layer adds, before or after it")
    func opaque() throws {
        let lower: [Step] = [.directory("d"), .file("d/old", 1), .directory("d/sub"), .file("d/sub/x", 1)]
        for layer in [[Step.file("d/new", 2), .opaque("d")], [.opaque("d"), .file("d/new", 2)]] {
            #expect(try merged([lower, layer]).listing == ["d/", "d/new:2"])
        }
    }

    @Test("a whiteout of what is not there does nothing")
    func idleWhiteout() throws {
        #expect(
            try merged([[.file("a", 1)], [.whiteout("b"), .whiteout("a/b"), .opaque("x")]]).listing == ["a:1"]
        )
    }

    @Test("an opaque root empties the image")
    func opaqueRoot() throws {
        #expect(try merged([[.file("a", 1)], [.opaque(""), .file("b", 2)]]).listing == ["b:2"])
    }

    @Test("an entry of another type replaces what was there")
    func typeChange() throws {
        #expect(try merged([[.directory("a"), .file("a/b", 1)], [.file("a", 2)]]).listing == ["a:2"])
        #expect(
            try merged([[.file("a", 1)], [.directory("a"), .file("a/b", 2)]]).listing == ["a/", "a/b:2"]
        )
        #expect(try merged([[.link("a", "b"), .file("b", 1)], [.file("a", 2)]]).listing == ["a:2", "b:1"])
    }

    @Test("a directory again takes new attributes and keeps its entries")
    func directoryAgain() throws {
        let tree = try merged([[.directory("a"), .file("a/b", 1)], [.directory("a", permissions: 0o700)]])
        #expect(tree.listing == ["a/", "a/b:1"])
        #expect(tree.inode("a")?.metadata.permissions == 0o700)
    }

    @Test("of an entry that stands twice in a layer, the last counts")
    func duplicates() throws {
        #expect(try merged([[.file("a", 1), .file("a", 2)]]).listing == ["a:2"])
    }

    @Test("directories on the way are implied, and take the attributes that come later")
    func impliedParents() throws {
        let tree = try merged([[.file("a/b/c", 1)]])
        #expect(tree.listing == ["a/", "a/b/", "a/b/c:1"])
        #expect(tree.inode("a")?.isImplied == true && tree.inode("a")?.metadata.permissions == 0o755)
        let named = try merged([[.file("a/b", 1)], [.directory("a", permissions: 0o711)]])
        #expect(named.inode("a")?.isImplied == false && named.inode("a")?.metadata.permissions == 0o711)
    }

    @Test("a file in the way of a directory gives way")
    func fileInTheWay() throws {
        #expect(try merged([[.file("a", 1)], [.file("a/b", 2)]]).listing == ["a/", "a/b:2"])
    }

    @Test("a link on the way is followed inside of the image, and never leaves it")
    func linksOnTheWay() throws {
        let tree = try merged([
            [.directory("usr"), .directory("usr/lib"), .link("lib", "usr/lib")],
            [.file("lib/x", 1)],
            [.link("up", "../../../usr"), .file("up/y", 2)],
            [.link("usr/abs", "/usr/lib"), .file("usr/abs/z", 3)],
        ])
        #expect(
            tree.listing == [
                "lib@usr/lib", "up@../../../usr", "usr/", "usr/abs@/usr/lib", "usr/lib/", "usr/lib/x:1",
                "usr/lib/z:3", "usr/y:2",
            ]
        )
    }

    @Test("removals follow links on the way too, but remove the link itself at the end")
    func removalThroughLinks() throws {
        let lower: [Step] = [.directory("real"), .file("real/x", 1), .link("alias", "real")]
        #expect(try merged([lower, [.whiteout("alias/x")]]).listing == ["alias@real", "real/"])
        #expect(try merged([lower, [.whiteout("alias")]]).listing == ["real/", "real/x:1"])
    }

    @Test("a loop of links on the way is an error, not a hang")
    func loop() {
        let problem = #expect(throws: TreeProblem.self) {
            try merged([[.link("a", "b"), .link("b", "a"), .file("a/x", 1)]])
        }
        #expect(problem?.code == .tooManyLinks)
    }

    @Test("directories that a path implies count, though no member stands for them")
    func impliedDirectories() throws {
        var limits = TreeLimits()
        limits.names = 20
        let deep = (1...3).map { Step.file("\($0)/b/c/d/e/f/x", $0) }
        #expect(try merged([Array(deep.prefix(2))], limits: limits).count == 15)
        let problem = #expect(throws: TreeProblem.self) { try merged([deep], limits: limits) }
        #expect(problem?.code == .tooManyEntries)
        // What is replaced was made all the same.
        #expect(throws: TreeProblem.self) {
            try merged((0...20).map { [.file("same", $0)] }, limits: limits)
        }
    }

    @Test(
        "a long way through links ends, however short the archive",
        arguments: [String(repeating: "./", count: 2000), String(repeating: "/", count: 4000) + "."]
    )
    func detours(target: String) {
        var limits = TreeLimits()
        limits.steps = 10_000
        // Neighbours of one directory look it up once, so these are of many.
        let layer: [Step] = [.link("l", target)] + (0..<200).map { .file("l/l/l/d\($0)/x", $0) }
        let problem = #expect(throws: TreeProblem.self) { try merged([layer], limits: limits) }
        #expect(problem?.code == .tooManySteps)
    }

    @Test("targets and attributes count, not only those of one entry")
    func text() {
        var limits = TreeLimits()
        limits.textSize = 1000
        for layer: [Step] in [
            [.link("a", String(repeating: "a", count: 1000))],
            (0..<200).map { .link("d\($0)", "0123") },
        ] {
            let problem = #expect(throws: TreeProblem.self) { try merged([layer], limits: limits) }
            #expect(problem?.code == .tooMuchText)
        }
    }

    @Test("a hard link shares the inode, across layers and directories")
    func hardLinks() throws {
        let tree = try merged([[.file("a", 1)], [.hardLink("d/b", to: "a")], [.file("a", 2)]])
        #expect(tree.listing == ["a:2", "d/", "d/b:1"])
        let kept = try merged([[.file("a", 1)], [.hardLink("b", to: "a")]])
        #expect(kept.inodeNumber("a") == kept.inodeNumber("b"))
        let removed = try merged([[.file("a", 1), .hardLink("b", to: "a")], [.whiteout("a")]])
        #expect(removed.listing == ["b:1"])
    }

    @Test("a hard link to itself changes nothing")
    func selfLink() throws {
        #expect(try merged([[.file("a", 1), .hardLink("a", to: "a")]]).listing == ["a:1"])
    }

    @Test("a hard link may name a symbolic link")
    func hardLinkToLink() throws {
        let tree = try merged([[.link("l", "nowhere"), .hardLink("m", to: "l")]])
        #expect(tree.listing == ["l@nowhere", "m@nowhere"])
    }

    @Test(
        "a hard link to nothing or to a directory is refused",
        arguments: [("missing", .hardLinkToNothing), ("d", .hardLinkToDirectory), ("", .hardLinkToDirectory)]
            as [(String, TreeProblem.Code)]
    )
    func badHardLinks(target: String, code: TreeProblem.Code) {
        let problem = #expect(throws: TreeProblem.self) {
            try merged([[.directory("d"), .hardLink("x", to: target)]])
        }
        #expect(problem?.code == code)
    }

    @Test("the root takes attributes and stays a directory")
    func root() throws {
        let tree = try merged([[.directory("", permissions: 0o700), .file("", 1)]])
        #expect(tree.listing.isEmpty && tree.inode("")?.metadata.permissions == 0o700)
        #expect(tree.inode("")?.kind == .directory)
    }
}

@Suite struct TreePathTests {
    @Test(
        "names are normalised and never leave the root",
        arguments: [
            ("a/b", "a/b"), ("/a//b/", "a/b"), ("./a/./b", "a/b"), ("a/../b", "b"),
            ("../../etc/passwd", "etc/passwd"),
            ("a/b/../../..", ""), (".", ""), ("/", ""), ("", ""), ("...", "..."), ("..a/.b", "..a/.b"),
        ]
    )
    func normalisation(name: String, expected: String) {
        #expect(TreePath(name).bytes == Array(expected.utf8))
    }

    @Test("a path is its parent and its name")
    func parts() {
        let path = TreePath("a/b/c")
        #expect(path.parent == TreePath("a/b") && path.name == Array("c".utf8))
        #expect(path.parent.appending(path.name) == path)
        #expect(TreePath.root.parent == .root && TreePath.root.name.isEmpty)
        #expect(path.isInside(TreePath("a")) && path.isInside(path) && path.isInside(.root))
        #expect(!TreePath("ab").isInside(TreePath("a")))
    }
}
