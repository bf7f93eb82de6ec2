// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSCatalog
import CVMFSFormat
import CVMFSPublisher
import Digests
import FileTree
import Testing

/// Random images, merged and written as many small catalogs, are read back row by row.
@Suite struct WrittenTreeTests {
    private static let base = TreePath(".flat/ab")

    /// Splits far more often than a publisher does.
    private static var splitting: CatalogSplitting {
        var splitting = CatalogSplitting()
        splitting.whole = 12
        splitting.wholeWhereShallow = 4
        splitting.burden = 2
        splitting.minimum = 2
        return splitting
    }

    @Test("catalogs hold what the layers merge to, whatever the layers", arguments: 0..<30)
    func equalsTree(seed: UInt64) throws {
        var layers = RandomLayers(seed: seed)
        let tree = ImageTree()
        for layer in (0..<Int(seed % 7 + 1)).map({ _ in layers.next() }) {
            var merge = LayerMerge(into: tree)
            // A link that leads nowhere is refused, and the rest goes on.
            for change in layer where change.removesFromLowerLayers { try? merge.applyRemoval(change) }
            for change in layer where !change.removesFromLowerLayers { try? merge.applyAddition(change) }
        }
        let fixture = try PublishedFixture()
        let publisher = try fixture.open()
        let written = try TreeCatalogs(
            tree: tree,
            base: Self.base,
            splitting: Self.splitting,
            store: publisher.objects,
            emptyFile: publisher.emptyFileObject,
            now: PublishedFixture.start
        ).write()
        var reading = Reading(tree: tree, store: publisher.objects, emptyFile: publisher.emptyFileObject)
        let total = try reading.read(written.catalog, of: tree.root, at: Self.base)
        #expect(total == written.total, "seed \(seed)")
        #expect(reading.faults == [], "seed \(seed)")
        #expect(reading.names == tree.count - 1, "seed \(seed)")
        #expect(tree.count < 60 || reading.catalogs > 1, "seed \(seed): the tree was not split")
        withExtendedLifetime(fixture) {}
    }
}

/// Reads catalogs and holds each row against the tree that it was made of.
private struct Reading {
    let tree: ImageTree
    let store: ObjectStore
    let emptyFile: ContentHash
    var faults: [String] = []
    var names = 0
    var catalogs = 0

    /// Reads one catalog and those nested in it; returns the sum of what was counted.
    mutating func read(
        _ reference: CatalogReference,
        of root: ImageTree.NodeID,
        at path: TreePath
    ) throws -> CatalogCounters.Tally {
        catalogs += 1
        let reader = try store.catalog(reference.hash)
        faults += try reader.integrityFaults()
        check(reader.rootPrefix == key(path), "the root of a catalog", path)
        var own = CatalogCounters.Tally()
        var below = CatalogCounters.Tally()
        var rows: Int64 = 1
        let rootRow = try reader.entry(at: PathKey(path: key(path)))
        check(rootRow?.flags.contains(.nestedRoot) == true, "the row of a catalog's root", path)
        if let rootRow { own.add(rootRow) }
        let nested = try reader.nestedCatalogs()
        own.nested = Int64(nested.count)
        var used = 0
        var pending = [(root, path)]
        while let (directory, place) = pending.popLast() {
            var expected: [[UInt8]: ImageTree.NodeID] = [:]
            for child in tree.children(of: directory) { expected[tree.name(of: child)] = child }
            let found = try reader.children(of: PathKey(path: key(place)))
            checkLinkGroups(found, expected, place)
            for row in found {
                rows += 1
                own.add(row)
                let here = place.appending(row.name)
                guard let node = expected.removeValue(forKey: row.name) else {
                    check(directory == root && row.name == TreeCatalogs.marker, "a row too many", here)
                    continue
                }
                names += 1
                let chunks = try reader.chunks(of: PathKey(path: key(here)), algorithm: store.algorithm)
                own.chunks += Int64(chunks.count)
                check(row, chunks, node, here)
                guard tree.kind(of: node) == .directory else { continue }
                if let reference = nested.first(where: { $0.path == key(here) }) {
                    used += 1
                    check(row.flags.contains(.nestedMountpoint), "the row of a nested catalog", here)
                    below += try read(reference, of: node, at: here)
                } else {
                    check(!row.flags.contains(.nestedMountpoint), "a mountpoint without a catalog", here)
                    pending.append((node, here))
                }
            }
            check(expected.isEmpty, "names that are missing", place)
        }
        check(used == nested.count, "nested catalogs that nothing leads to", path)
        let extent = try reader.extent()
        check(extent.rows == rows, "rows that nothing leads to", path)
        let chunkRows = try reader.chunkRowCount()
        check(chunkRows == own.chunks, "chunks that nothing leads to", path)
        let counters = CatalogCounters(rows: try reader.counters())
        check(counters?.own == own && counters?.subtree == below, "counters", path)
        own += below
        return own
    }

    private mutating func check(
        _ row: CatalogEntry,
        _ chunks: [FileChunk],
        _ node: ImageTree.NodeID,
        _ path: TreePath
    ) {
        let inode = tree.inode(of: node)
        check(row.uid == inode.metadata.uid && row.gid == inode.metadata.gid, "owner", path)
        check(row.mtime == inode.metadata.mtime.seconds, "time", path)
        switch inode.kind {
        case .directory:
            check(row.mode == 0o040000 | UInt32(inode.metadata.permissions), "mode", path)
            let directories = tree.children(of: node).count { tree.kind(of: $0) == .directory }
            check(row.linkCount == 2 + UInt32(directories), "links of a directory", path)
        case .symbolicLink:
            check(row.mode == 0o120777 && row.linkTarget == inode.linkTarget, "link", path)
            check(row.size == Int64(inode.linkTarget.count), "size of a link", path)
        case .regular:
            check(row.mode == 0o100000 | UInt32(inode.metadata.permissions), "mode", path)
            let pieces = inode.content?.pieces ?? []
            check(row.size == pieces.reduce(0) { $0 + $1.size }, "size", path)
            if pieces.count > 1 {
                check(chunks.map(\.hash) == pieces.map(\.object), "chunks", path)
                check(chunks.map(\.size) == pieces.map(\.size), "sizes of chunks", path)
                check(chunks.first?.offset == 0, "offset of a chunk", path)
                check(
                    zip(chunks, chunks.dropFirst()).allSatisfy { $0.offset + $0.size == $1.offset },
                    "gap",
                    path
                )
            } else {
                check(chunks.isEmpty && row.hash == pieces.first?.object ?? emptyFile, "object", path)
            }
        default: check(row.flags.contains(.special), "special file", path)
        }
    }

    /// Names of one inode in one directory are a group of their own, and nothing else is in one.
    private mutating func checkLinkGroups(
        _ rows: [CatalogEntry],
        _ nodes: [[UInt8]: ImageTree.NodeID],
        _ path: TreePath
    ) {
        var inodes: [Int: [CatalogEntry]] = [:]
        for row in rows {
            guard let node = nodes[row.name] else { continue }
            let kind = tree.kind(of: node)
            guard kind != .directory, kind != .symbolicLink else { continue }
            inodes[tree.inodeNumber(of: node), default: []].append(row)
        }
        var groups: Set<UInt32> = []
        for names in inodes.values {
            let group = names[0].linkGroup
            check(names.allSatisfy { $0.linkGroup == group }, "names of one file in different groups", path)
            if names.count == 1 {
                check(group == 0 && names[0].linkCount <= 1, "a group of one", path)
            } else {
                check(group != 0 && groups.insert(group).inserted, "a group of two files", path)
                check(names.allSatisfy { $0.linkCount == UInt32(names.count) }, "links of a file", path)
            }
        }
    }

    private mutating func check(_ isRight: Bool, _ what: String, _ path: TreePath) {
        if !isRight { faults.append("\(what): \(path)") }
    }

    private func key(_ path: TreePath) -> [UInt8] { [UInt8(ascii: "/")] + path.bytes }
}

/// Layers of few names, so that everything happens to everything.
private struct RandomLayers {
    private var random: Numbers

    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    init(seed: UInt64) { random = Numbers(state: seed) }

    private static let names: [[UInt8]] =
        ["a", "b", "c", "usr", ".cvmfscatalog", ".wh"].map { Array($0.utf8) }
        + [[0xff, 0xfe, 0x20], [UInt8](repeating: 0x6e, count: 255), Array("é\n".utf8)]

    mutating func next() -> [TreeChange] { (0..<number(80)).map { _ in change() } }

    private mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

    private mutating func path() -> TreePath {
        (0...number(4)).reduce(TreePath.root) { path, _ in
            path.appending(Self.names[number(Self.names.count)])
        }
    }

    private mutating func change() -> TreeChange {
        switch number(16) {
        case 0: return .whiteout(path())
        case 1: return .opaque(number(5) == 0 ? .root : path())
        case 2, 3, 4: return .hardLink(path: path(), target: path())
        case 5, 6: return entry(.symbolicLink)
        case 7, 8, 9: return entry(.directory)
        case 10: return entry(.fifo)
        case 11: return entry(.characterDevice)
        default: return entry(.regular)
        }
    }

    private mutating func entry(_ kind: EntryKind) -> TreeChange {
        var entry = LayerEntry(
            path: path(),
            kind: kind,
            metadata: EntryMetadata(
                permissions: UInt16(number(0o10000)),
                uid: UInt32(number(3)),
                gid: .max - UInt32(number(3)),
                mtime: ModificationTime(seconds: Int64(number(1 << 40)) - (1 << 39), nanoseconds: 5),
                attributes: number(4) == 0 ? [RawAttribute(name: Array("user.x".utf8), value: [0, 1])] : []
            )
        )
        switch kind {
        case .symbolicLink:
            let up = (0..<number(4)).map { _ in "../" }.joined()
            entry.linkTarget = Array(((number(3) == 0 ? "/" : "") + up).utf8) + path().bytes
        case .characterDevice: (entry.deviceMajor, entry.deviceMinor) = (UInt32(number(300)), 3)
        case .regular:
            let pieces = (0..<number(5)).map {
                StoredPiece(size: Int64(number(1 << 20) + 1), object: ContentHash(.sha1, of: [UInt8($0)]))
            }
            entry.content = pieces.isEmpty ? nil : StoredContent(pieces: pieces)
        default: break
        }
        return .entry(entry)
    }
}
