// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CompressionCodecs
import Foundation
import Testing

/// Hand-made and known compressed streams.
enum Streams {
    /// "hello world\n" as one stored deflate block in a gzip member, with the header's optional fields as asked for.
    static func gzip(_ text: String = "hello world\n", flags: UInt8 = 0, extra: [UInt8] = []) -> [UInt8] {
        let content = Array(text.utf8)
        let length = UInt16(content.count)
        let block: [UInt8] = [1] + little(length) + little(~length) + content
        return [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3] + extra + block + little(crc(content))
            + little(UInt32(content.count))
    }

    static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    /// CRC-32 as RFC 1952 defines it.
    static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }

    /// A zstd frame with one raw block, no checksum (RFC 8878, 3.1.1).
    static func zstd(_ text: String) -> [UInt8] {
        let content = Array(text.utf8)
        let header = UInt32(content.count) << 3 | 1
        return [0x28, 0xb5, 0x2f, 0xfd, 0x20, UInt8(content.count)] + Array(little(header).prefix(3))
            + content
    }

    /// Reads a stream that comes in pieces of `step` bytes.
    static func read(_ bytes: [UInt8], step: Int = .max) throws -> String {
        var rest = bytes[...]
        let reader = DecompressingReader { buffer in
            let count = min(buffer.count, rest.count, step)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 5)
        while case let count = try buffer.withUnsafeMutableBytes({ try reader.read(into: $0) }), count > 0 {
            content += buffer[..<count]
        }
        return String(decoding: content, as: UTF8.self)
    }
}

@Suite struct GzipTests {
    @Test("a member is inflated, however its bytes arrive", arguments: [1, 2, 3, 7, .max])
    func member(step: Int) throws {
        #expect(try Streams.read(Streams.gzip(), step: step) == "hello world\n")
    }

    @Test(
        "the optional header fields are skipped",
        arguments: [
            (1, []), (4, [3, 0, 9, 9, 9]), (8, Array("name\0".utf8)), (16, Array("comment\0".utf8)),
            (4 | 8 | 16, [1, 0, 7] + Array("name\0comment\0".utf8)), (4, [0, 0]),
        ] as [(UInt8, [UInt8])]
    )
    func optionalFields(flags: UInt8, extra: [UInt8]) throws {
        for step in [1, 3, 11, .max] {
            #expect(try Streams.read(Streams.gzip(flags: flags, extra: extra), step: step) == "hello world\n")
        }
    }

    @Test("several members are one stream", arguments: [1, 5, .max])
    func members(step: Int) throws {
        let bytes = Streams.gzip("one\n") + Streams.gzip("") + Streams.gzip("two\n")
        #expect(try Streams.read(bytes, step: step) == "one\ntwo\n")
    }

    @Test("zero bytes after the last member are padding")
    func padding() throws {
        #expect(try Streams.read(Streams.gzip() + [UInt8](repeating: 0, count: 1000)) == "hello world\n")
    }

    @Test(
        "anything else after the last member is refused",
        arguments: [[0xff], [0, 0, 1], Array("garbage".utf8)] as [[UInt8]]
    )
    func garbage(tail: [UInt8]) {
        let problem = #expect(throws: CompressionProblem.self) { try Streams.read(Streams.gzip() + tail) }
        #expect(problem?.code == .trailingData)
    }

    @Test("every shorter prefix is truncated")
    func truncated() {
        let whole = Streams.gzip()
        for length in 4..<whole.count {
            let problem = #expect(throws: CompressionProblem.self) {
                try Streams.read(Array(whole.prefix(length)))
            }
            #expect(problem?.code == .truncated, "at \(length) bytes")
        }
    }

    @Test("a wrong checksum, size or block is corrupt", arguments: [15, 26, 28, 31])
    func corrupt(position: Int) {
        var bytes = Streams.gzip()
        bytes[position] ^= 0x40
        let problem = #expect(throws: CompressionProblem.self) { try Streams.read(bytes) }
        #expect(problem?.code == .corrupt)
    }
}

@Suite struct ZstdTests {
    @Test("frames and skippable frames are one stream", arguments: [1, 4, .max])
    func frames(step: Int) throws {
        let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let bytes = skippable + Streams.zstd("one\n") + skippable + Streams.zstd("two\n")
        #expect(try Streams.read(bytes, step: step) == "one\ntwo\n")
    }

    @Test("every shorter prefix is truncated")
    func truncated() {
        let whole = Streams.zstd("hello world\n")
        for length in 4..<whole.count {
            #expect(throws: CompressionProblem.self) { try Streams.read(Array(whole.prefix(length))) }
        }
    }

    @Test("what follows a frame and is none is refused")
    func garbage() {
        #expect(throws: CompressionProblem.self) {
            try Streams.read(Streams.zstd("x") + Array("garbage".utf8))
        }
    }
}

@Suite struct FormatDetectionTests {
    @Test(
        "anything that is neither gzip nor zstd is taken as it is",
        arguments: ["", "a", "\u{1f}", "plain text"]
    )
    func stored(text: String) throws {
        #expect(try Streams.read(Array(text.utf8), step: 1) == text)
    }
}
