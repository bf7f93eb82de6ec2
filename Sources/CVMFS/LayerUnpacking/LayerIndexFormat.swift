// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
package import FileTree

/// The layer index: what a layer does to a tree, with its files' contents as objects of one repository.
///
/// | field | encoding |
/// |---|---|
/// | magic | `WHARFLX1` |
/// | records | a length (varint), then so many bytes, until the end mark |
/// | end mark | a zero length, the number of records (varint), SHA-256 of everything before the digest |
///
/// A record is a tag byte (0 whiteout, 1 opaque, 2 hard link, 3 entry), a path, and for entries the kind, permissions,
/// owner, time, attributes, link target, device numbers and content pieces. Integers are LEB128 varints, signed ones
/// zigzag-coded; byte strings have a length before them. A hash is its algorithm's number, with the highest bit
/// set for an object that is not compressed, and 20 bytes.
package enum LayerIndexFormat {
    /// The first bytes of a file; the last letter is the version.
    package static let magic = Array("WHARFLX1".utf8)

    /// The longest record: a chunked file of the largest size takes about 27 bytes a chunk.
    package static let recordLimit: UInt64 = 64 << 20

    /// Encodes a number as the file's framing has it.
    package static func number(_ value: UInt64) -> [UInt8] {
        var out = ByteEncoder()
        out.number(value)
        return out.bytes
    }

    /// Decodes a number of the file's framing; `nil` if the bytes do not hold all of it.
    package static func number(
        from bytes: UnsafeRawBufferPointer
    ) -> (value: UInt64, byteCount: Int)? {
        var input = ByteDecoder(bytes)
        return input.number().map { ($0, bytes.count - input.remaining) }
    }

    /// Whether a record takes something from lower layers; cheaper than decoding it.
    package static func isRemoval(_ record: UnsafeRawBufferPointer) -> Bool {
        record.first == Tag.whiteout.rawValue || record.first == Tag.opaque.rawValue
    }

    private static let plainBit: UInt8 = 0x80

    private enum Tag: UInt8 { case whiteout, opaque, hardLink, entry }

    /// Encodes one record without its length.
    package static func encode(_ change: TreeChange) -> [UInt8] {
        var out = ByteEncoder()
        switch change {
        case .whiteout(let path):
            out.byte(Tag.whiteout.rawValue)
            out.string(path.bytes)
        case .opaque(let path):
            out.byte(Tag.opaque.rawValue)
            out.string(path.bytes)
        case .hardLink(let path, let target):
            out.byte(Tag.hardLink.rawValue)
            out.string(path.bytes)
            out.string(target.bytes)
        case .entry(let entry):
            out.byte(Tag.entry.rawValue)
            encode(entry, &out)
        }
        return out.bytes
    }

    private static func encode(_ entry: LayerEntry, _ out: inout ByteEncoder) {
        out.string(entry.path.bytes)
        out.byte(entry.kind.rawValue)
        out.number(UInt64(entry.metadata.permissions))
        out.number(UInt64(entry.metadata.uid))
        out.number(UInt64(entry.metadata.gid))
        out.signed(entry.metadata.mtime.seconds)
        out.number(UInt64(entry.metadata.mtime.nanoseconds))
        out.number(UInt64(entry.metadata.attributes.count))
        for attribute in entry.metadata.attributes {
            out.string(attribute.name)
            out.string(attribute.value)
        }
        switch entry.kind {
        case .symbolicLink: out.string(entry.linkTarget)
        case .characterDevice, .blockDevice:
            out.number(UInt64(entry.deviceMajor))
            out.number(UInt64(entry.deviceMinor))
        case .regular:
            let pieces = entry.content?.pieces ?? []
            out.number(UInt64(pieces.count))
            for piece in pieces {
                out.number(UInt64(piece.size))
                out.byte(piece.object.algorithm.rawValue | (piece.isPlain ? plainBit : 0))
                out.raw(piece.object.bytes)
            }
        case .directory, .fifo, .socket: break
        }
    }

    /// Decodes one record; `nil` for bytes that are none.
    package static func decode(_ record: [UInt8]) -> TreeChange? { record.withUnsafeBytes { decode($0) } }

    /// Decodes one record; `nil` for bytes that are none.
    package static func decode(_ record: UnsafeRawBufferPointer) -> TreeChange? {
        var input = ByteDecoder(record)
        guard let tag = input.byte().flatMap({ Tag(rawValue: $0) }), let path = input.string() else {
            return nil
        }
        let change: TreeChange?
        switch tag {
        case .whiteout: change = .whiteout(TreePath(path))
        case .opaque: change = .opaque(TreePath(path))
        case .hardLink: change = input.string().map { .hardLink(path: TreePath(path), target: TreePath($0)) }
        case .entry: change = entry(TreePath(path), &input).map { .entry($0) }
        }
        return input.isAtEnd ? change : nil
    }

    private static func entry(_ path: TreePath, _ input: inout ByteDecoder) -> LayerEntry? {
        guard let kind = input.byte().flatMap({ EntryKind(rawValue: $0) }),
            let permissions = input.number().flatMap({ UInt16(exactly: $0) }),
            let uid = input.number().flatMap({ UInt32(exactly: $0) }),
            let gid = input.number().flatMap({ UInt32(exactly: $0) }),
            let seconds = input.signed(),
            let nanoseconds = input.number().flatMap({ Int32(exactly: $0) }),
            let attributeCount = input.number(), attributeCount <= UInt64(input.remaining)
        else { return nil }
        var attributes: [RawAttribute] = []
        for _ in 0..<attributeCount {
            guard let name = input.string(), let value = input.string() else { return nil }
            attributes.append(RawAttribute(name: name, value: value))
        }
        var entry = LayerEntry(
            path: path,
            kind: kind,
            metadata: EntryMetadata(
                permissions: permissions,
                uid: uid,
                gid: gid,
                mtime: ModificationTime(seconds: seconds, nanoseconds: nanoseconds),
                attributes: attributes
            )
        )
        switch kind {
        case .symbolicLink:
            guard let target = input.string() else { return nil }
            entry.linkTarget = target
        case .characterDevice, .blockDevice:
            guard let major = input.number().flatMap({ UInt32(exactly: $0) }),
                let minor = input.number().flatMap({ UInt32(exactly: $0) })
            else { return nil }
            entry.deviceMajor = major
            entry.deviceMinor = minor
        case .regular:
            guard let content = content(&input) else { return nil }
            entry.content = content
        case .directory, .fifo, .socket: break
        }
        return entry
    }

    private static func content(_ input: inout ByteDecoder) -> StoredContent? {
        guard let count = input.number(), count >= 1, count <= UInt64(input.remaining / 22) else {
            return nil
        }
        var pieces: [StoredPiece] = []
        pieces.reserveCapacity(Int(count))
        var total: Int64 = 0
        for _ in 0..<count {
            guard let size = input.number().flatMap({ Int64(exactly: $0) }),
                let form = input.byte(),
                let algorithm = ContentHashAlgorithm(rawValue: form & ~plainBit),
                let digest = input.view(20),
                let object = ContentHash(algorithm: algorithm, bytes: digest)
            else { return nil }
            // The digest of the file is looked at only after its records: a damaged one must do no harm until then.
            let (sum, isTooLarge) = total.addingReportingOverflow(size)
            guard !isTooLarge else { return nil }
            total = sum
            pieces.append(StoredPiece(size: size, object: object, isPlain: form & plainBit != 0))
        }
        return StoredContent(pieces: pieces)
    }
}
