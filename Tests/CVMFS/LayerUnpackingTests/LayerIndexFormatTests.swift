// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import FileTree
import LayerUnpacking
import Testing

@Suite struct LayerIndexFormatTests {
    private static let metadata = EntryMetadata(
        permissions: 0o7777,
        uid: .max,
        gid: 1,
        mtime: ModificationTime(seconds: -1, nanoseconds: 999_999_999),
        attributes: [
            RawAttribute(name: Array("user.a".utf8), value: []), RawAttribute(name: [0xff], value: [0, 1]),
        ]
    )

    private static func entry(_ kind: EntryKind) -> LayerEntry {
        var entry = LayerEntry(path: TreePath("a/\u{fffd}b"), kind: kind, metadata: metadata)
        switch kind {
        case .symbolicLink: entry.linkTarget = Array("../target".utf8)
        case .characterDevice, .blockDevice: (entry.deviceMajor, entry.deviceMinor) = (.max, 7)
        case .regular:
            entry.content = StoredContent(
                pieces: ContentHashAlgorithm.allCases.map {
                    StoredPiece(
                        size: .max / 3,
                        object: ContentHash($0, of: [$0.rawValue]),
                        isPlain: $0 == .rmd160
                    )
                }
            )
        default: break
        }
        return entry
    }

    private static let changes: [TreeChange] =
        [
            .whiteout(TreePath("a/b")), .opaque(.root), .opaque(TreePath("d")),
            .hardLink(path: TreePath("x"), target: TreePath("y/z")),
        ] + EntryKind.allCases.map { .entry(entry($0)) }

    /// The number that is all of some bytes.
    private func number(from bytes: [UInt8]) -> UInt64? {
        bytes.withUnsafeBytes { bytes in
            LayerIndexFormat.number(from: bytes).flatMap { $0.byteCount == bytes.count ? $0.value : nil }
        }
    }

    @Test("every change comes back", arguments: changes)
    func roundTrip(change: TreeChange) {
        #expect(LayerIndexFormat.decode(LayerIndexFormat.encode(change)) == change)
    }

    @Test("a record that is cut or longer is none", arguments: changes)
    func cut(change: TreeChange) {
        let record = LayerIndexFormat.encode(change)
        for length in 0..<record.count {
            #expect(LayerIndexFormat.decode(Array(record.prefix(length))) == nil)
        }
        #expect(LayerIndexFormat.decode(record + [0]) == nil)
    }

    @Test("a flipped byte gives another change or none, and never a crash", arguments: changes)
    func flipped(change: TreeChange) {
        let record = LayerIndexFormat.encode(change)
        for position in record.indices {
            for bit in 0..<8 {
                var damaged = record
                damaged[position] ^= 1 << bit
                #expect(
                    LayerIndexFormat.decode(damaged) != change || damaged == LayerIndexFormat.encode(change)
                )
            }
        }
    }

    @Test(
        "numbers of the framing come back",
        arguments: [0, 1, 127, 128, 16383, 16384, UInt64(Int64.max), .max]
    )
    func numbers(value: UInt64) {
        #expect(number(from: LayerIndexFormat.number(value)) == value)
    }

    @Test(
        "a number that is cut, followed by more, or of more than 64 bits is none",
        arguments: [
            [], [0x80], [0, 0], [UInt8](repeating: 0xff, count: 9) + [0x7f],
            [UInt8](repeating: 0x80, count: 10) + [1],
        ] as [[UInt8]]
    )
    func badNumbers(bytes: [UInt8]) { #expect(number(from: bytes) == nil) }
}
