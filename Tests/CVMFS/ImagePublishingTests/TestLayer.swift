// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import Digests
import OCISpec

/// A layer of an image: an archive, and the blob that holds it in one of the usual forms.
struct TestLayer {
    enum Form: String, CaseIterable {
        case plain = ""
        case gzip = "+gzip"
        case zstd = "+zstd"
    }

    let blob: [UInt8]
    let diffID: OCIDigest
    let mediaType: String

    init(_ archive: TarBytes, as form: Form = .plain) {
        var archive = archive
        archive.end()
        diffID = OCIDigest(of: archive.bytes)
        mediaType = MediaType.ociLayer + form.rawValue
        switch form {
        case .plain: blob = archive.bytes
        case .gzip: blob = Self.gzip(archive.bytes)
        case .zstd: blob = Self.zstd(archive.bytes)
        }
    }

    /// A layer of regular files.
    init(files: [(String, String)], as form: Form = .plain) {
        var archive = TarBytes()
        for (name, content) in files { archive.add(name, content) }
        self.init(archive, as: form)
    }

    var digest: OCIDigest { OCIDigest(of: blob) }

    // MARK: Compressed forms without compression

    /// Stored blocks in a gzip member (RFC 1951, 3.2.4; RFC 1952, 2.3).
    private static func gzip(_ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        var rest = content[...]
        repeat {
            let block = rest.prefix(0xffff)
            rest = rest.dropFirst(block.count)
            let length = UInt16(block.count)
            bytes += [rest.isEmpty ? 1 : 0] + little(length) + little(~length) + block
        } while !rest.isEmpty
        return bytes + little(crc(content)) + little(UInt32(content.count))
    }

    /// Raw blocks in one frame without a checksum (RFC 8878, 3.1.1).
    private static func zstd(_ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0xa0] + little(UInt32(content.count))
        var rest = content[...]
        repeat {
            let block = rest.prefix(1 << 17)
            rest = rest.dropFirst(block.count)
            bytes += little(UInt32(block.count) << 3 | (rest.isEmpty ? 1 : 0)).prefix(3) + block
        } while !rest.isEmpty
        return bytes
    }

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
