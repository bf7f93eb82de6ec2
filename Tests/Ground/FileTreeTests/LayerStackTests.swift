// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import FileTree
import Testing

/// - Source: Linux, Documentation/filesystems/overlayfs.rst.
@Suite struct LayerStackTests {
    /// One layer in the form that is stacked.
    private static func form(_ layer: [Step]) throws -> ImageTree {
        let tree = ImageTree()
        var merge = LayerMerge(into: tree)
        for step in layer { try merge.applyAddition(step.change) }
        let form = LayerForm(completing: tree)
        for step in layer { try form.applyOpaque(step.change) }
        for step in layer { try form.applyWhiteout(step.change) }
        return tree
    }

    private static func stacked(_ layers: [[Step]]) throws -> LayerStack {
        let stack = LayerStack()
        for layer in layers { try stack.add(try form(layer)) }
        return stack
    }

    private static func differences(_ layers: [[Step]]) throws -> [String] {
        try stacked(layers).differences(from: merged(layers), limit: 9).map { "\($0)" }
    }

    @Test(
        "a whiteout is a device 0/0, an opaque directory is marked, and neither stands where it is of no use"
    )
    func forms() throws {
        let tree = try Self.form([
            .directory("d"), .file("d/new", 1), .opaque("d"), .whiteout("d/old"), .directory("again"),
            .whiteout("again"), .whiteout("gone"), .file("f", 2), .whiteout("f"),
        ])
        #expect(tree.inode("gone").map { LayerForm.isWhiteout($0) } == true)
        #expect(tree.inode("d")?.isOpaque == true && tree.inode("d/old") == nil)
        #expect(tree.inode("again")?.isOpaque == true)
        #expect(tree.inode("f")?.kind == .regular)
    }

    @Test("layers that bring their directories stack to what they merge to")
    func complete() throws {
        let lower: [Step] = [
            .directory("a"), .file("a/x", 1), .directory("a/b"), .file("a/b/y", 1), .file("top", 1),
        ]
        for upper: [Step] in [
            [.directory("a"), .whiteout("a/x")],
            [.directory("a"), .opaque("a"), .file("a/z", 2)],
            [.whiteout("a"), .directory("a"), .file("a/new", 2)],
            [.whiteout("a"), .file("a", 3)],
            [.whiteout("top"), .directory("top"), .file("top/in", 2)],
            [.directory("a", permissions: 0o700), .directory("a/b"), .opaque("a/b")],
            [.directory("a"), .link("a/b", "elsewhere")],
        ] {
            #expect(try Self.differences([lower, upper]).isEmpty, "\(upper)")
        }
    }

    @Test("what depends on the layers below is found out")
    func dependent() throws {
        // The attributes of a directory that the upper layer leaves out.
        #expect(try Self.differences([[.directory("a", permissions: 0o700)], [.file("a/x", 1)]]) == ["/a"])
        // A name that leads through a link of the layer below.
        let through = try Self.differences([
            [.directory("usr"), .link("lib", "usr")], [.file("lib/x", 1)],
        ])
        #expect(!through.isEmpty)
        // A root that empties the image: the kernel never hides one root behind another.
        #expect(try Self.differences([[.file("x", 1)], [.opaque("")]]) == ["/x"])
        // A whiteout below a directory that no other layer has would be seen itself.
        #expect(try !Self.differences([[.file("x", 1)], [.whiteout("new/thing")]]).isEmpty)
    }

    @Test("random layers are stacked as the kernel looks names up", arguments: 0..<300)
    func equalsKernel(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        let layers = (0..<4).map { _ in
            (0..<Int.random(in: 1...8, using: &random)).map { _ in MergeModelTests.step(using: &random) }
        }
        let forms = try layers.map { try Self.form($0) }
        let stack = try Self.stacked(layers)
        #expect(
            stack.tree.listing == KernelLookup(layers: forms.reversed()).listing,
            "seed \(seed): \(layers)"
        )
        if stack.differences(from: try merged(layers), limit: 1).isEmpty {
            #expect(stack.tree.listing == (try merged(layers).listing))
        }
    }
}

/// How the kernel looks a name up in an overlay: from the uppermost layer down, until something hides what is below.
private struct KernelLookup {
    private typealias Place = (layer: ImageTree, node: ImageTree.NodeID)

    /// The uppermost first.
    let layers: [ImageTree]

    var listing: [String] {
        var lines: [String] = []
        list(layers.map { ($0, $0.root) }, "", into: &lines)
        return lines.sorted()
    }

    private func list(_ places: [Place], _ prefix: String, into lines: inout [String]) {
        let names = Set(places.flatMap { layer, node in layer.children(of: node).map { layer.name(of: $0) } })
        for name in names {
            let path = prefix + String(decoding: name, as: UTF8.self)
            let found = lookup(name, in: places)
            guard let first = found.first else {
                // The names of a directory that is in one layer alone are read as they are.
                if places.count == 1, !prefix.isEmpty { lines.append(path + ":0") }
                continue
            }
            let inode = first.layer.inode(of: first.node)
            guard inode.kind == .directory else {
                lines.append("\(path):\(inode.metadata.uid)")
                continue
            }
            lines.append(path + "/")
            list(found, path + "/", into: &lines)
        }
    }

    private func lookup(_ name: [UInt8], in places: [Place]) -> [Place] {
        var found: [Place] = []
        for (layer, directory) in places {
            guard let node = layer.child(name, of: directory) else { continue }
            let inode = layer.inode(of: node)
            if LayerForm.isWhiteout(inode) { break }
            guard inode.kind == .directory else {
                if found.isEmpty { found.append((layer, node)) }
                break
            }
            found.append((layer, node))
            if inode.isOpaque { break }
        }
        return found
    }
}
