// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import TarArchive
import Testing

@Suite struct TarDamageTests {
    private func code(_ archive: TarBytes) -> TarProblem.Code? {
        do {
            _ = try archive.read()
            return nil
        } catch {
            return (error as? TarProblem)?.code
        }
    }

    @Test("a header with a wrong checksum is refused, at its place")
    func checksum() throws {
        var archive = TarBytes()
        archive.add("good", "x")
        var block = TarBytes.block(TarBytes.Header("bad"), size: 0)
        block[0] ^= 1
        archive.addRaw(block)
        let problem = #expect(throws: TarProblem.self) { try archive.read() }
        #expect(problem?.code == .badChecksum && problem?.offset == 1024)
    }

    @Test("a checksum over signed bytes, as old writers made it, is accepted")
    func signedChecksum() throws {
        var block = TarBytes.block(TarBytes.Header("é"), size: 0)
        let sum = block.enumerated().reduce(0) { sum, byte in
            sum + ((148..<156).contains(byte.offset) ? 32 : Int(Int8(bitPattern: byte.element)))
        }
        block.replaceSubrange(148..<154, with: TarBytes.octal(sum, width: 7))
        var archive = TarBytes()
        archive.addRaw(block)
        #expect(try archive.read().map(\.name) == ["é"])
    }

    @Test(
        "an archive that ends inside a header, a body or an extended header is truncated",
        arguments: [100, 700, 1600]
    )
    func truncated(length: Int) {
        var whole = TarBytes()
        whole.add("file", String(repeating: "x", count: 600))
        whole.addPax([("path", "name")])
        whole.add("short", "y")
        var archive = TarBytes()
        archive.addRaw(Array(whole.bytes.prefix(length)))
        #expect(code(archive) == .truncated)
    }

    @Test("an extended header that no member follows is truncated")
    func lonelyExtension() {
        var archive = TarBytes()
        archive.addPax([("path", "name")])
        archive.end()
        #expect(code(archive) == .truncated)
    }

    @Test(
        "a pax record whose length is wrong is refused",
        arguments: [
            "0 path=x\n", "-5 path=x\n", "5 path=x\n", "99 path=x\n", "10 path=xx\n", "9 path=x\n9 ",
            "path=x\n",
            " 9 path=x\n", "99999999999999999999 path=x\n", "7 pathx\n", "9 path=x ", "4 =\n\n",
        ]
    )
    func recordLength(body: String) {
        var archive = TarBytes()
        archive.add(TarBytes.Header("PaxHeader", type: "x"), Array(body.utf8))
        archive.add("file", "")
        archive.end()
        #expect(code(archive) == .badExtendedHeader)
    }

    @Test(
        "an extended header of more than 1 MiB is refused before it is read",
        arguments: ["x", "g", "L", "K"] as [Character]
    )
    func hugeHeader(type: Character) {
        var archive = TarBytes()
        var header = TarBytes.Header("huge", type: type)
        header.size = TarBytes.octal((1 << 20) + 1, width: 12)
        archive.add(header)
        #expect(code(archive) == .headerTooLarge)
    }

    @Test("an extended header of exactly 1 MiB is read")
    func largestHeader() throws {
        let empty = TarBytes.record("comment", "").count
        // The record's length takes seven digits instead of two.
        let record = TarBytes.record("comment", String(repeating: "c", count: (1 << 20) - empty - 5))
        var archive = TarBytes()
        archive.add(TarBytes.Header("PaxHeader", type: "x"), record)
        archive.add("file", "x")
        #expect(record.count == 1 << 20)
        #expect(try archive.read().map(\.name) == ["file"])
    }

    @Test("a member of an unknown type is refused by name")
    func unknownType() {
        var archive = TarBytes()
        archive.add(TarBytes.Header("volume", type: "M"))
        #expect(code(archive) == .unknownType)
    }

    @Test("a pax name or link with a NUL byte is refused", arguments: ["path", "linkpath"])
    func embeddedZero(key: String) {
        var archive = TarBytes()
        archive.addPax([(key, "a\0b")])
        archive.add(TarBytes.Header("link", type: "2"))
        #expect(code(archive) == .badName)
    }

    @Test("no prefix of an archive and no flipped byte does anything but throw a problem or give members")
    func noise() throws {
        var archive = TarBytes()
        archive.addPax([("path", "long"), ("GNU.sparse.major", "1"), ("GNU.sparse.realsize", "9")])
        archive.add("sparse", "1\n0\n9\n" + String(repeating: "\0", count: 506) + "123456789")
        archive.add(TarBytes.Header("././@LongLink", type: "L"), Array("name\0".utf8))
        archive.add("x", "y")
        archive.end()
        for position in stride(from: 0, to: archive.bytes.count, by: 3) {
            var bytes = archive.bytes
            bytes[position] ^= UInt8(truncatingIfNeeded: position * 7 | 1)
            var damaged = TarBytes()
            damaged.addRaw(bytes)
            do { _ = try damaged.read() } catch { #expect(error is TarProblem) }
            var cut = TarBytes()
            cut.addRaw(Array(archive.bytes.prefix(position)))
            do { _ = try cut.read() } catch { #expect(error is TarProblem) }
        }
    }
}
