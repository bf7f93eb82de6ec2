// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests

/// One record of the cache's index file.
///
/// | offset | width | meaning |
/// |---|---|---|
/// | 0 | 1 | kind: 1 added, 2 used, 3 removed |
/// | 1 | 1 | algorithm of the object's name |
/// | 2 | 1 | content: 0 data, 1 metadata |
/// | 3 | 5 | zero |
/// | 8 | 8 | time, unix seconds, little-endian |
/// | 16 | 8 | plain size, little-endian |
/// | 24 | 20 | digest in the object's name |
/// | 44 | 32 | SHA-256 of the plain content |
/// | 76 | 4 | the first four bytes of the SHA-256 of what stands before |
struct IndexRecord: Sendable, Equatable {
    enum Kind: UInt8 {
        case added = 1
        case used = 2
        case removed = 3
    }

    static let byteCount = 80

    var kind: Kind
    var name: ContentHash
    var time: Int64
    var size: Int64
    var contentDigest: [UInt8]
    var content: CachedContent

    init(
        _ kind: Kind,
        _ name: ContentHash,
        time: Int64,
        size: Int64 = 0,
        contentDigest: [UInt8]? = nil,
        content: CachedContent = .data
    ) {
        self.kind = kind
        self.name = name
        self.time = time
        self.size = size
        self.contentDigest = contentDigest ?? [UInt8](repeating: 0, count: 32)
        self.content = content
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = [kind.rawValue, name.algorithm.rawValue, content.rawValue, 0, 0, 0, 0, 0]
        for value in [time, size] {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes += name.bytes
        bytes += contentDigest
        return bytes + IncrementalDigest.digest(.sha256, of: bytes).prefix(4)
    }

    /// Reads 80 bytes; `nil` if they were not written by `encoded`.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        let bytes = Array(bytes)
        guard let kind = Kind(rawValue: bytes[0]),
            let algorithm = ContentHashAlgorithm(rawValue: bytes[1]),
            let name = ContentHash(algorithm: algorithm, bytes: bytes[24..<44]),
            IncrementalDigest.digest(.sha256, of: bytes[..<76]).prefix(4).elementsEqual(bytes[76...])
        else { return nil }
        self.kind = kind
        self.name = name
        time = Self.integer(bytes[8..<16])
        size = Self.integer(bytes[16..<24])
        contentDigest = Array(bytes[44..<76])
        // What a later version may write there is at least data.
        content = CachedContent(rawValue: bytes[2]) ?? .data
        // No file is larger, and sums stay far from the end of the integers.
        guard (0...(1 << 50)).contains(size) else { return nil }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int64 {
        Int64(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
}
