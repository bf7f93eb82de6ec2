// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import CVMFSPublisher
import Digests
import FileTree
import Foundation
import ImagePublishing
import LayerUnpacking
import OCISpec
import Testing

@Suite(.ownThread) struct LayerIngestTests {
    private let fixture: PublishingFixture
    private let layer = TestLayer(files: [("a", "alpha"), ("d/b", "beta")])

    init() throws { fixture = try PublishingFixture() }

    /// Ingests a layer's blob under a digest and a diff id; returns whether it was read.
    @discardableResult
    private func ingest(
        _ bytes: [UInt8],
        as blob: OCIDigest,
        _ diffID: OCIDigest,
        limits: LayerLimits = LayerLimits(),
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) throws -> Bool {
        try LayerIngest(
            store: fixture.writer.contents,
            pipeline: fixture.pool.pipeline,
            limits: limits,
            isStopping: isStopping
        )
        .ingest(blob: blob, diffID: diffID) {
            var rest = bytes[...]
            return { buffer in
                let count = min(buffer.count, rest.count, 1000)
                buffer.copyBytes(from: rest.prefix(count))
                rest = rest.dropFirst(count)
                return count
            }
        }
    }

    @discardableResult
    private func ingest(_ layer: TestLayer) throws -> Bool {
        try ingest(layer.blob, as: layer.digest, layer.diffID)
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.location.layers).sorted()
    }

    private func index(_ layer: TestLayer) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.location.layerIndex(layer.diffID))))
    }

    @Test("a layer is read once in its life")
    func once() throws {
        #expect(try ingest(layer))
        #expect(try !ingest([], as: layer.digest, layer.diffID))
    }

    @Test("plain, gzip and zstd blobs of one archive give one index", arguments: TestLayer.Form.allCases)
    func forms(form: TestLayer.Form) throws {
        let other = TestLayer(files: [("a", "alpha"), ("d/b", "beta")], as: form)
        #expect(other.diffID == layer.diffID)
        try ingest(other)
        let bytes = try index(other)
        #expect(try ingest(layer) == (form != .plain))
        #expect(try index(layer) == bytes)
    }

    @Test("another blob that claims a known diff id is read, and refused if it lies")
    func lies() throws {
        try ingest(layer)
        let before = try index(layer)
        let liar = TestLayer(files: [("a", "evil")])
        for _ in 0..<2 {
            let problem = #expect(throws: LayerProblem.self) {
                try ingest(liar.blob, as: liar.digest, layer.diffID)
            }
            #expect(problem?.code == .wrongDiffID)
        }
        #expect(try index(layer) == before)
        let honest = TestLayer(files: [("a", "alpha"), ("d/b", "beta")], as: .gzip)
        #expect(try ingest(honest))
        #expect(try !ingest(honest))
    }

    @Test("a blob that does not have its digest leaves nothing")
    func wrongDigest() throws {
        let before = try files()
        let problem = #expect(throws: LayerProblem.self) {
            try ingest(layer.blob, as: OCIDigest(of: [1]), layer.diffID)
        }
        #expect(problem?.code == .wrongDigest)
        #expect(try files() == before)
    }

    @Test("a limit that is broken leaves nothing")
    func limits() throws {
        let before = try files()
        var limits = LayerLimits()
        limits.expandedSize = 1024
        let problem = #expect(throws: LayerProblem.self) {
            try ingest(layer.blob, as: layer.digest, layer.diffID, limits: limits)
        }
        #expect(problem?.code == .tooLarge)
        #expect(try files() == before)
    }

    @Test("the end of the program ends the work between two members and leaves nothing")
    func stopping() throws {
        let before = try files()
        let calls = Counter()
        let problem = #expect(throws: PublisherProblem.self) {
            try ingest(layer.blob, as: layer.digest, layer.diffID) { calls.next() == 2 }
        }
        #expect(problem?.code == .stopped)
        #expect(try files() == before)
        #expect(try ingest(layer))
    }

    // MARK: Contents

    private func pieces(_ layer: TestLayer, of path: String) async throws -> [StoredPiece] {
        let digest = try await fixture.shelf.putImage([layer])
        guard case .image(let image) = try fixture.shelf.reader().subject(digest) else { return [] }
        let tree = try ImageTreeBuilder(publisher: fixture.writer).merge(image)
        let node = try #require(tree.child(Array(path.utf8), of: tree.root))
        return tree.inode(of: node).content?.pieces ?? []
    }

    @Test(
        "a file over the threshold is cut, and the last chunk is what is left",
        arguments: [
            (2_097_152, [2_097_152]), (2_097_153, [1_048_576, 1_048_576, 1]),
            (2_621_440, [1_048_576, 1_048_576, 524_288]),
        ] as [(Int, [Int64])]
    )
    func chunks(size: Int, expected: [Int64]) async throws {
        var archive = TarBytes()
        archive.add(TarBytes.Header("big"), (0..<size).map { UInt8(truncatingIfNeeded: $0 >> 12) })
        let layer = TestLayer(archive)
        try ingest(layer)
        let pieces = try await pieces(layer, of: "big")
        #expect(pieces.map(\.size) == expected)
        // Two of the chunks are equal, as the content repeats every MiB.
        #expect(try fixture.objectCount(.chunk) == (expected.count == 1 ? 0 : 2))
    }

    @Test("the chunks of a hole share one object")
    func holes() async throws {
        let size = 40 << 20
        var header = TarBytes.Header("sparse", type: "S")
        header.dialect = .gnu
        header.patch = { block in
            // One byte of data at the very end.
            for (offset, number) in [(386, size - 1), (398, 1), (483, size)] {
                block.replaceSubrange(offset..<(offset + 12), with: TarBytes.octal(number, width: 12) + [0])
            }
        }
        var archive = TarBytes()
        archive.add(header, [7])
        let layer = TestLayer(archive)
        try ingest(layer)
        let pieces = try await pieces(layer, of: "sparse")
        #expect(pieces.map(\.size) == Array(repeating: 1 << 20, count: 40))
        #expect(Set(pieces.dropLast().map(\.object)).count == 1)
        #expect(try fixture.objectCount(.chunk) == 2)
    }

    // MARK: Damaged indexes

    @Test("a damaged or short index names itself", arguments: ["first", "middle", "last", "short", "empty"])
    func damage(place: String) async throws {
        let digest = try await fixture.shelf.putImage([layer])
        guard case .image(let image) = try fixture.shelf.reader().subject(digest) else { return }
        try ingest(layer)
        let path = fixture.location.layerIndex(layer.diffID)
        var bytes = try index(layer)
        switch place {
        case "first": bytes[0] ^= 1
        case "middle": bytes[bytes.count / 2] ^= 1
        case "last": bytes[bytes.count - 1] ^= 1
        case "short": bytes.removeLast()
        default: bytes = []
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let problem = #expect(throws: LayerProblem.self) {
            try ImageTreeBuilder(publisher: fixture.writer).merge(image)
        }
        #expect(problem?.code == .badIndex && problem?.identifier == "layer-index-corrupt")
        #expect(problem?.message.contains(path) == true)
        // It does not stand in the way for ever.
        #expect(try ingest(layer))
        _ = try ImageTreeBuilder(publisher: fixture.writer).merge(image)
    }
}

/// Counts calls.
private final class Counter: @unchecked Sendable {
    // The ingest asks from the one thread that reads.
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
