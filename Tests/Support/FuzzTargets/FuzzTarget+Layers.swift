// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CompressionCodecs
internal import FileTree
internal import LayerUnpacking
internal import TarArchive

/// What stands between a blob and a tree.
extension FuzzTarget {
    /// More than this of what an input expands to is not looked at, lest one input takes minutes.
    private static let expansionLimit = 1 << 20

    /// A layer: whatever the archive says, the tree that comes of it is one that a file system could have.
    static func archives(_ bytes: [UInt8]) throws(Finding) {
        let tree = ImageTree()
        // The removals come first, as in a merge.
        for takesRemovals in [true, false] {
            var merge = LayerMerge(into: tree)
            for change in try changes(of: bytes) where change.removesFromLowerLayers == takesRemovals {
                if takesRemovals {
                    try? merge.applyRemoval(change)
                } else {
                    try? merge.applyAddition(change)
                }
            }
        }
        var pending = [tree.root]
        var count = 0
        while let directory = pending.popLast() {
            var names: Set<[UInt8]> = []
            for node in tree.children(of: directory) {
                count += 1
                let name = tree.name(of: node)
                try check(names.insert(name).inserted, "a directory has a name twice")
                try check(isName(name), "a name is none: \(TreePath.printable(name))")
                try check(tree.parent(of: node) == directory, "a child has another parent")
                try check(tree.child(name, of: directory) == node, "a child is not found by its name")
                if tree.kind(of: node) == .directory { pending.append(node) }
            }
        }
        // The root itself may count or not.
        try check(
            tree.count - count <= 1 && tree.count >= count,
            "\(tree.count) entries, \(count) within reach"
        )
    }

    private static func isName(_ name: [UInt8]) -> Bool {
        !name.isEmpty && name.count <= TreePath.componentLimit && name != Array(".".utf8)
            && name != Array("..".utf8) && !name.contains(UInt8(ascii: "/")) && !name.contains(0)
    }

    /// The changes that a layer makes, as far as it can be read.
    private static func changes(of bytes: [UInt8]) throws(Finding) -> [TreeChange] {
        let stream = DecompressingReader(source(bytes))
        var left = expansionLimit
        let tar = TarReader { buffer in
            let count = try stream.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(left, buffer.count)])
            )
            left -= count
            return count
        }
        var limits = LayerLimits()
        limits.entries = 4096
        var rules = LayerMemberRules(limits: limits)
        var changes: [TreeChange] = []
        // A member that is refused ends the layer, as it does in an ingest.
        while let member = try? tar.next() {
            try check(member.size >= 0 && member.size <= .max - 512, "a member has an impossible size")
            try check(!member.name.contains(0), "a name holds a zero byte")
            try check((0..<1_000_000_000).contains(member.mtimeNanoseconds), "a second has other parts")
            guard let change = try? rules.change(of: member) else { break }
            if case .entry(let entry) = change, entry.kind == .regular {
                // What the index would hold stands in for the content.
                try checkContent(of: tar, member)
            } else {
                try checkCoding(of: change)
            }
            changes.append(change)
        }
        return changes
    }

    /// Data and holes together are as long as the member says, unless the archive ends.
    private static func checkContent(of tar: TarReader, _ member: TarMember) throws(Finding) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var total: Int64 = 0
        while true {
            guard let piece = try? buffer.withUnsafeMutableBytes({ try tar.readContent(into: $0) }) else {
                return
            }
            switch piece {
            case .data(let count): total += Int64(count)
            case .hole(let count):
                try check(count > 0, "a hole is empty")
                total += count
            case .end:
                return try check(total == member.size, "\(total) bytes of a member of \(member.size)")
            }
            try check(total <= member.size, "a member has more bytes than it says")
        }
    }

    private static func checkCoding(of change: TreeChange) throws(Finding) {
        try check(
            LayerIndexFormat.decode(LayerIndexFormat.encode(change)) == change,
            "the index changes a change"
        )
    }

    // MARK: Streams

    /// A stream is the same however its reader and its writer cut it.
    static func streams(_ bytes: [UInt8]) throws(Finding) {
        let whole = read(bytes, inputs: .max, outputs: 64 << 10)
        for (inputs, outputs) in [(1, 64 << 10), (.max, 1), (7, 13)] {
            let parts = read(bytes, inputs: inputs, outputs: outputs)
            try check(
                parts.isWhole == whole.isWhole,
                "pieces of \(inputs) and \(outputs) bytes end otherwise"
            )
            let common = min(parts.output.count, whole.output.count)
            try check(
                whole.isWhole
                    ? parts.output == whole.output
                    : parts.output.prefix(common) == whole.output.prefix(common),
                "pieces of \(inputs) and \(outputs) bytes give other bytes"
            )
        }
    }

    private static func read(_ bytes: [UInt8], inputs: Int, outputs: Int) -> (output: [UInt8], isWhole: Bool)
    {
        let reader = DecompressingReader(source(bytes, atMost: inputs))
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: outputs)
        let limit = outputs == 1 ? 64 << 10 : expansionLimit
        while output.count < limit {
            guard let count = try? buffer.withUnsafeMutableBytes({ try reader.read(into: $0) }) else {
                return (output, false)
            }
            guard count > 0 else { return (output, true) }
            output += buffer[..<count]
        }
        // Cut short: nothing is known of the end.
        return (output, false)
    }

    private static func source(
        _ bytes: [UInt8],
        atMost limit: Int = .max
    ) -> (UnsafeMutableRawBufferPointer) -> Int {
        var rest = bytes[...]
        return { buffer in
            let part = rest.prefix(min(buffer.count, limit))
            part.withUnsafeBytes { buffer.copyMemory(from: $0) }
            rest = rest.dropFirst(part.count)
            return part.count
        }
    }

    // MARK: Layer indexes

    /// A record that is understood is one that the publisher could have written.
    static func layers(_ bytes: [UInt8]) throws(Finding) {
        guard let change = LayerIndexFormat.decode(bytes) else { return }
        try check(
            bytes.withUnsafeBytes { LayerIndexFormat.isRemoval($0) } == change.removesFromLowerLayers,
            "a removal is not told from other changes"
        )
        try checkCoding(of: change)
        if case .entry(let entry) = change, let content = entry.content {
            try check(content.size >= 0 && !content.pieces.isEmpty, "a content has no size")
        }
        try? LayerMergeTrial.apply(change)
    }
}

/// One change in a tree of its own.
private enum LayerMergeTrial {
    static func apply(_ change: TreeChange) throws(TreeProblem) {
        var merge = LayerMerge(into: ImageTree())
        if change.removesFromLowerLayers {
            try merge.applyRemoval(change)
        } else {
            try merge.applyAddition(change)
        }
    }
}
