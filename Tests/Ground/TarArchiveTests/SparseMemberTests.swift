// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import TarArchive
import Testing

/// A file of 20 bytes with data at 4 and at 12, in every way to write it.
///
/// - Source: GNU tar manual, "Storing Sparse Files".
@Suite struct SparseMemberTests {
    private let expected =
        [UInt8](repeating: 0, count: 4) + Array("abcd".utf8) + [0, 0, 0, 0]
        + Array("efgh".utf8) + [0, 0, 0, 0]
    private let data = Array("abcdefgh".utf8)

    private func check(_ archive: TarBytes) throws {
        let members = try archive.read()
        #expect(members.map(\.name) == ["sparse", "next"])
        #expect(members[0].content == expected && members[0].member.size == 20)
        #expect(members[1].text == "n")
    }

    @Test("old GNU, with the map in the header")
    func oldGNU() throws {
        var archive = TarBytes()
        var header = TarBytes.Header("sparse", type: "S")
        header.dialect = .gnu
        header.patch = { block in
            let numbers = [4, 4, 12, 4]
            for (index, number) in numbers.enumerated() {
                block.replaceSubrange(
                    (386 + index * 12)..<(386 + index * 12 + 11),
                    with: TarBytes.octal(number, width: 12)
                )
            }
            block.replaceSubrange(483..<494, with: TarBytes.octal(20, width: 12))
        }
        archive.add(header, data)
        archive.add("next", "n")
        try check(archive)
    }

    @Test("old GNU, with more of the map in further blocks")
    func oldGNUExtended() throws {
        var archive = TarBytes()
        var header = TarBytes.Header("sparse", type: "S")
        header.dialect = .gnu
        header.size = TarBytes.octal(8, width: 12)
        header.patch = { block in
            block.replaceSubrange(386..<397, with: TarBytes.octal(4, width: 12))
            block.replaceSubrange(398..<409, with: TarBytes.octal(4, width: 12))
            block[482] = 1
            block.replaceSubrange(483..<494, with: TarBytes.octal(20, width: 12))
        }
        archive.addRaw(TarBytes.block(header, size: 8))
        var map = [UInt8](repeating: 0, count: 512)
        map.replaceSubrange(0..<11, with: TarBytes.octal(12, width: 12))
        map.replaceSubrange(12..<23, with: TarBytes.octal(4, width: 12))
        archive.addRaw(map + data + [UInt8](repeating: 0, count: 504))
        archive.add("next", "n")
        try check(archive)
    }

    @Test("pax 0.0: repeated records")
    func pax00() throws {
        var archive = TarBytes()
        archive.addPax([
            ("GNU.sparse.size", "20"), ("GNU.sparse.numblocks", "2"), ("GNU.sparse.offset", "4"),
            ("GNU.sparse.numbytes", "4"), ("GNU.sparse.offset", "12"), ("GNU.sparse.numbytes", "4"),
        ])
        archive.add(TarBytes.Header("sparse"), data)
        archive.add("next", "n")
        try check(archive)
    }

    @Test("pax 0.1: the map in one record")
    func pax01() throws {
        var archive = TarBytes()
        archive.addPax([
            ("GNU.sparse.size", "20"), ("GNU.sparse.numblocks", "2"), ("GNU.sparse.map", "4,4,12,4"),
            ("GNU.sparse.name", "sparse"),
        ])
        archive.add(TarBytes.Header("GNUSparseFile.1/sparse"), data)
        archive.add("next", "n")
        try check(archive)
    }

    @Test("pax 1.0: the map before the data")
    func pax10() throws {
        var archive = TarBytes()
        archive.addPax([
            ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "sparse"),
            ("GNU.sparse.realsize", "20"),
        ])
        let map = Array("2\n4\n4\n12\n4\n".utf8)
        archive.add(
            TarBytes.Header("GNUSparseFile.1/sparse"),
            map + [UInt8](repeating: 0, count: 512 - map.count) + data
        )
        archive.add("next", "n")
        try check(archive)
    }

    @Test(
        "a map that overlaps, leaves the file, or does not match the stored bytes is refused",
        arguments: [
            "4,4,6,4", "12,4,4,4", "4,4,18,4", "4,4", "4,4,12,40", "4,4,12", "x,4,12,4", "-4,4,12,4",
            "4,4,12,2", "4,4,12,4,16,4", "9223372036854775807,1,12,4",
        ]
    )
    func badMaps(map: String) {
        var archive = TarBytes()
        archive.addPax([("GNU.sparse.size", "20"), ("GNU.sparse.map", map)])
        archive.add(TarBytes.Header("sparse"), data)
        archive.add("next", "n")
        let problem = #expect(throws: TarProblem.self) { try archive.read() }
        #expect(problem?.code == .badSparseMap)
    }

    @Test("what a map leaves of its member's bytes is never taken for the next header")
    func smuggling() {
        // A reader that trusts the map finds the member `hidden`; one that trusts the size does not.
        var inner = TarBytes()
        inner.add("hidden", "")
        var archive = TarBytes()
        archive.addPax([("GNU.sparse.size", "512"), ("GNU.sparse.map", "0,512")])
        archive.add(TarBytes.Header("sparse"), [UInt8](repeating: 1, count: 512) + inner.bytes)
        archive.add("next", "n")
        #expect(throws: TarProblem.self) { try archive.read() }
    }

    @Test(
        "a 1.0 map that is longer than its member, or counts millions, is refused",
        arguments: ["9999999999\n", "2000000\n", "3\n0\n1\n", "2\n4\n4\n12\nx\n", "-1\n"]
    )
    func badInlineMaps(map: String) {
        var archive = TarBytes()
        archive.addPax([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "20")])
        archive.add(
            TarBytes.Header("sparse"),
            Array(map.utf8) + [UInt8](repeating: 0, count: 512 - map.utf8.count)
        )
        let problem = #expect(throws: TarProblem.self) { try archive.read() }
        #expect(problem?.code == .badSparseMap)
    }

    @Test("a file that is one large hole costs nothing")
    func hole() throws {
        var archive = TarBytes()
        archive.addPax([("GNU.sparse.size", "1099511627776"), ("GNU.sparse.map", "1099511627776,0")])
        archive.add("sparse", "")
        var rest = archive.bytes[...]
        let reader = TarReader { buffer in
            let count = min(buffer.count, rest.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
        #expect(try reader.next()?.size == 1 << 40)
        #expect(reader.nextHole() == .hole(1 << 40))
        #expect(reader.nextHole() == .end)
    }
}
