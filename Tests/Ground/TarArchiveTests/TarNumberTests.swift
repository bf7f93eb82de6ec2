// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import TarArchive
import Testing

@Suite struct TarNumberTests {
    /// One member whose size field holds these bytes, without a body.
    private func sized(_ field: [UInt8]) -> TarBytes {
        var archive = TarBytes()
        var header = TarBytes.Header("file", type: "5")
        header.uid = field
        archive.add(header)
        return archive
    }

    @Test(
        "octal fields may be padded with blanks and zeros, and end in a blank or NUL",
        arguments: [
            ("0000012", 10), ("12     ", 10), ("    12 ", 10), ("      \0", 0), ("\0\0\0\0\0\0\0", 0),
            ("0000012 ", 10), ("77777777", 0o77777777),
        ] as [(String, UInt32)]
    )
    func octal(field: String, expected: UInt32) throws {
        #expect(try sized(Array(field.utf8)).read().first?.member.uid == expected)
    }

    @Test(
        "base-256 says what octal cannot",
        arguments: [
            ([0x80, 0, 0, 0, 0, 0, 0, 10], 10), ([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], UInt32.max),
        ] as [([UInt8], UInt32)]
    )
    func base256(field: [UInt8], expected: UInt32) throws {
        #expect(try sized(field).read().first?.member.uid == expected)
    }

    @Test(
        "a number that is none, negative, or out of range is refused",
        arguments: [
            Array("0000089".utf8), Array("12 34 5".utf8), Array("-000001".utf8), Array("0x00010".utf8),
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x80, 0, 0, 1, 0, 0, 0, 0],
        ] as [[UInt8]]
    )
    func badNumbers(field: [UInt8]) {
        #expect(throws: TarProblem.self) { try sized(field).read() }
    }

    @Test("a time before 1970 is a negative base-256 number, or a negative pax record")
    func negativeTime() throws {
        var archive = TarBytes()
        var header = TarBytes.Header("old")
        header.mtime = [UInt8](repeating: 0xff, count: 11) + [0xfe]
        archive.add(header)
        archive.addPax([("mtime", "-1.25")])
        archive.add("older", "")
        archive.end()
        let members = try archive.read()
        #expect(members[0].member.mtime == -2)
        // A quarter of a second before -1 is three quarters after -2.
        #expect(members[1].member.mtime == -2 && members[1].member.mtimeNanoseconds == 750_000_000)
    }

    @Test(
        "a size that is negative or absurd is refused",
        arguments: [
            [UInt8](repeating: 0xff, count: 12), [0x80, 0, 0, 0, 0x7f] + [UInt8](repeating: 0xff, count: 7),
            [0x80] + [UInt8](repeating: 0xff, count: 11),
        ] as [[UInt8]]
    )
    func badSizes(field: [UInt8]) {
        for type in ["0", "x", "L"] as [Character] {
            var archive = TarBytes()
            var header = TarBytes.Header("file", type: type)
            header.size = field
            archive.add(header)
            #expect(throws: TarProblem.self) { try archive.read() }
        }
    }

    @Test(
        "a pax number that is negative, absurd or none is refused",
        arguments: [
            ("size", "-1"), ("size", "99999999999999999999"), ("size", "1e3"), ("uid", "-1"),
            ("uid", "4294967296"), ("gid", "x"), ("mtime", "yesterday"), ("mtime", "1.2.3"),
            ("mtime", "99999999999999999999"),
        ]
    )
    func badPaxNumbers(key: String, value: String) {
        var archive = TarBytes()
        archive.addPax([(key, value)])
        archive.add("file", "x")
        archive.end()
        #expect(throws: TarProblem.self) { try archive.read() }
    }
}
