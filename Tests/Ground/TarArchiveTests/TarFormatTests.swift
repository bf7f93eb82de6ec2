// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import TarArchive
import Testing

@Suite struct TarFormatTests {
    @Test("the dialects of one file read the same", arguments: [TarBytes.Dialect.v7, .ustar, .gnu])
    func dialects(dialect: TarBytes.Dialect) throws {
        var archive = TarBytes()
        var header = TarBytes.Header("dir/file")
        header.dialect = dialect
        header.mode = "0004755"
        header.uid = Array("0001750".utf8)
        header.gid = Array("0000062".utf8)
        header.mtime = TarBytes.octal(1_700_000_000, width: 12)
        archive.add(header, Array("hello\n".utf8))
        archive.end()
        let file = try #require(try archive.read().first)
        #expect(file.member.type == .regular)
        #expect(file.name == "dir/file")
        #expect(file.member.permissions == 0o4755)
        #expect(file.member.uid == 1000 && file.member.gid == 50)
        #expect(file.member.mtime == 1_700_000_000 && file.member.mtimeNanoseconds == 0)
        #expect(file.text == "hello\n")
    }

    @Test("the type letters of POSIX are known")
    func types() throws {
        var archive = TarBytes()
        let letters: [(Character, TarMemberType)] = [
            ("0", .regular), ("7", .regular), ("1", .hardLink), ("2", .symbolicLink), ("3", .characterDevice),
            ("4", .blockDevice), ("5", .directory), ("6", .fifo),
        ]
        for (letter, _) in letters {
            var header = TarBytes.Header("member-\(letter)", type: letter)
            header.link = "target"
            header.patch = { block in
                block.replaceSubrange(329..<336, with: Array("0000010".utf8))
                block.replaceSubrange(337..<344, with: Array("0000003".utf8))
            }
            archive.add(header)
        }
        archive.end()
        let members = try archive.read()
        #expect(members.map(\.member.type) == letters.map(\.1))
        #expect(members[2].member.linkTarget == Array("target".utf8))
        #expect(members[3].member.linkTarget == Array("target".utf8))
        #expect(members[4].member.deviceMajor == 8 && members[4].member.deviceMinor == 3)
    }

    @Test("in V7 a name that ends in a slash is a directory")
    func oldDirectory() throws {
        var archive = TarBytes()
        var header = TarBytes.Header("old/", type: "\0")
        header.dialect = .v7
        archive.add(header)
        #expect(try archive.read().map(\.member.type) == [.directory])
    }

    @Test("the prefix field counts in ustar and means nothing in GNU archives")
    func prefix() throws {
        var archive = TarBytes()
        var header = TarBytes.Header("name")
        header.prefix = "a/b"
        archive.add(header)
        header.dialect = .gnu
        archive.add(header)
        #expect(try archive.read().map(\.name) == ["a/b/name", "name"])
    }

    @Test("GNU long names and links replace the fields of the next member only")
    func longNames() throws {
        let name = String(repeating: "n", count: 300)
        let target = String(repeating: "t", count: 400)
        var archive = TarBytes()
        archive.add(TarBytes.Header("././@LongLink", type: "L"), Array(name.utf8) + [0])
        archive.add(TarBytes.Header("././@LongLink", type: "K"), Array(target.utf8) + [0])
        archive.add(TarBytes.Header("short", type: "2"))
        archive.add("next", "")
        archive.end()
        let members = try archive.read()
        #expect(members.map(\.name) == [name, "next"])
        #expect(members[0].member.linkTarget == Array(target.utf8))
    }

    @Test("pax records replace the fields of the next member")
    func pax() throws {
        var archive = TarBytes()
        archive.addPax([
            ("path", "ünïcode/ name=with\nodd bytes"), ("uid", "3000000000"), ("gid", "2000000000"),
            ("mtime", "1700000000.123456789123"), ("SCHILY.xattr.user.a", "1"), ("SCHILY.xattr.user.e", ""),
            ("comment", "ignored"),
        ])
        archive.add("short", "x")
        archive.add("plain", "y")
        archive.end()
        let members = try archive.read()
        #expect(members.map(\.name) == ["ünïcode/ name=with\nodd bytes", "plain"])
        let member = members[0].member
        #expect(member.uid == 3_000_000_000 && member.gid == 2_000_000_000)
        #expect(member.mtime == 1_700_000_000 && member.mtimeNanoseconds == 123_456_789)
        #expect(member.extendedAttributes.map { $0.name } == [Array("user.a".utf8), Array("user.e".utf8)])
        #expect(member.extendedAttributes.map { $0.value } == [Array("1".utf8), []])
        #expect(members[1].member.extendedAttributes.isEmpty && members[1].member.uid == 0)
    }

    @Test("a global header holds until another one, and a local record wins over it")
    func globalHeader() throws {
        var archive = TarBytes()
        archive.addPax([("uid", "7"), ("gid", "8")], type: "g")
        archive.add("first", "")
        archive.addPax([("uid", "9")])
        archive.add("second", "")
        archive.addPax([("uid", "10")], type: "g")
        archive.add("third", "")
        archive.end()
        let members = try archive.read()
        #expect(members.map(\.member.uid) == [7, 9, 10])
        #expect(members.map(\.member.gid) == [8, 8, 8])
    }

    @Test("an empty pax value takes the record away: the header's own field counts")
    func emptyValue() throws {
        var archive = TarBytes()
        archive.addPax([("path", "everywhere"), ("uid", "7")], type: "g")
        archive.addPax([("path", ""), ("uid", ""), ("size", ""), ("mtime", "")])
        archive.add("own-name", "body")
        archive.end()
        let file = try #require(try archive.read().first)
        #expect(file.name == "own-name" && file.member.uid == 0 && file.text == "body")
    }

    @Test("the size of a pax record counts, not that of the header")
    func paxSize() throws {
        var archive = TarBytes()
        archive.addPax([("size", "5")])
        var header = TarBytes.Header("big")
        header.size = Array("00000000000".utf8)
        archive.add(header, Array("12345".utf8))
        archive.add("next", "n")
        archive.end()
        #expect(try archive.read().map(\.text) == ["12345", "n"])
    }

    @Test("a size on something that has no content is not followed by content")
    func sizeOfLink() throws {
        var archive = TarBytes()
        var header = TarBytes.Header("link", type: "2")
        header.size = TarBytes.octal(600, width: 12)
        archive.add(header)
        archive.add("next", "n")
        archive.end()
        #expect(try archive.read().map(\.name) == ["link", "next"])
    }

    @Test("what follows the first zero block is not looked at")
    func trailingData() throws {
        var archive = TarBytes()
        archive.add("file", "x")
        archive.end()
        archive.addRaw([UInt8](repeating: 0xff, count: 5000))
        #expect(try archive.read().map(\.name) == ["file"])
    }

    @Test("an archive may end without zero blocks, and may be empty")
    func withoutEnd() throws {
        var archive = TarBytes()
        #expect(try archive.read().isEmpty)
        archive.add("file", "x")
        #expect(try archive.read().map(\.text) == ["x"])
    }

    @Test("unread content is skipped")
    func skipping() throws {
        var archive = TarBytes()
        archive.add("first", String(repeating: "x", count: 200_000))
        archive.add("second", "y")
        archive.end()
        var rest = archive.bytes[...]
        let reader = TarReader { buffer in
            let count = min(buffer.count, rest.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
        #expect(try reader.next()?.size == 200_000)
        #expect(try reader.next()?.name == Array("second".utf8))
        #expect(try reader.next()?.name == nil)
    }
}
