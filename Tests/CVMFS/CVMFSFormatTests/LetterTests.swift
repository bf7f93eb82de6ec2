// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import Digests
import Testing

@Suite struct LetterTests {
    private let text = Array("Nname.example.org\n".utf8)

    private func letter(_ text: [UInt8], hash: String? = nil, signature: [UInt8] = [1, 2, 3]) -> [UInt8] {
        text + Array("--\n\(hash ?? ContentHash(.sha1, of: text).description)\n".utf8) + signature
    }

    @Test("the first line of two dashes ends the text, and the signature may hold anything")
    func split() throws {
        let signature = Array("\n--\nmore\n".utf8) + [0, 255]
        let read = try SignedLetter(letter(text, signature: signature))
        #expect(read.text == text && read.signature == signature)
        #expect(read.encoded == letter(text, signature: signature))
    }

    @Test("a text that was changed does not have its hash")
    func changed() {
        var bytes = letter(text)
        bytes[0] = UInt8(ascii: "M")
        let problem = #expect(throws: LetterProblem.self) { try SignedLetter(bytes) }
        #expect(problem?.code == .wrongHash)
    }

    @Test("no prefix that lacks the signature's line is a letter")
    func truncated() {
        let bytes = letter(text, signature: [])
        for length in 0..<(bytes.count) {
            #expect(throws: LetterProblem.self, "at \(length)") {
                try SignedLetter(Array(bytes.prefix(length)))
            }
        }
    }

    @Test("a manifest without C, R, D or S is incomplete", arguments: ["C", "R", "D", "S"])
    func incomplete(letter: String) {
        let lines = [
            "C600230b0ba7620426f2e898f1e1f43c5466efe59", "Rd41d8cd98f00b204e9800998ecf8427e", "D240", "S3",
        ]
        let text = lines.filter { !$0.hasPrefix(letter) }.joined(separator: "\n") + "\n"
        let problem = #expect(throws: LetterProblem.self) { try PublishedManifest(text: Array(text.utf8)) }
        #expect(problem?.code == .incomplete)
    }

    @Test("unknown letters are ignored, the last of two counts, and only yes is true")
    func leniency() throws {
        let text = """
            C600230b0ba7620426f2e898f1e1f43c5466efe59
            Rd41d8cd98f00b204e9800998ecf8427e
            D1
            D240
            S18446744073709551615
            Gtrue
            Zreserved
            Qunknown

            """
        let manifest = try PublishedManifest(text: Array(text.utf8))
        #expect(manifest.timeToLive == 240 && manifest.revision == .max && !manifest.isGarbageCollectable)
        #expect(manifest.repository.isEmpty && manifest.timestamp == 0)
    }

    @Test(
        "a number or hash that is none is malformed",
        arguments: ["D-1", "Dx", "S18446744073709551616", "Cabc", "Xabc"]
    )
    func malformed(line: String) {
        let text = """
            C600230b0ba7620426f2e898f1e1f43c5466efe59
            Rd41d8cd98f00b204e9800998ecf8427e
            D240
            S3
            \(line)

            """
        #expect(throws: LetterProblem.self) { try PublishedManifest(text: Array(text.utf8)) }
    }
}

@Suite struct WhitelistTests {
    private func list(_ expiry: String) throws -> Whitelist {
        try Whitelist(text: Array("20240101000000\nE\(expiry)\nNname.example.org\n".utf8))
    }

    @Test("a list is valid before the hour of its expiry, whatever the minutes say")
    func hourGranularity() throws {
        let expiry = CalendarTime(stamp: "20240131120000")?.unixSeconds ?? 0
        let list = try list("20240131125959")
        #expect(list.isValid(at: expiry - 1))
        #expect(!list.isValid(at: expiry))
    }

    @Test(
        "a list that lacks one of its first three lines is malformed",
        arguments: [
            "", "20240101000000\n", "20240101000000\nE20240131000000\n", "2024\nE20240131000000\nNx\n",
            "20240101000000\nE2024\nNx\n", "20240101000000\n20240131000000\nNx\n",
            "20240101000000\nE20241331000000\nNx\n",
        ]
    )
    func malformed(text: String) {
        #expect(throws: LetterProblem.self) { try Whitelist(text: Array(text.utf8)) }
    }

    @Test("lines that are no fingerprint are skipped")
    func comments() throws {
        let text = """
            20240101000000
            E20240131000000
            Nname.example.org
            # a comment

            23:6C:0C:1D:CE:E6:87:AB:59:1C:EA:47:08:B9:23:24:15:0F:0D:25 # ours
            nonsense

            """
        #expect(try Whitelist(text: Array(text.utf8)).fingerprints.count == 1)
    }
}

@Suite struct CalendarTimeTests {
    @Test(
        "unix seconds and calendar agree",
        arguments: [
            (0, "19700101000000"), (951_782_400, "20000229000000"), (1_700_000_000, "20231114221320"),
            (-1, "19691231235959"), (4_102_444_800, "21000101000000"), (253_402_300_799, "99991231235959"),
        ] as [(Int64, String)]
    )
    func known(seconds: Int64, stamp: String) {
        #expect(CalendarTime(unixSeconds: seconds).stamp == stamp)
        #expect(CalendarTime(stamp: stamp)?.unixSeconds == seconds)
    }

    @Test("every day of four centuries comes back")
    func days() {
        for day in Int64(-25_000)...Int64(121_000) {
            let time = CalendarTime(unixSeconds: day * 86400 + 43210)
            #expect(CalendarTime(stamp: time.stamp)?.unixSeconds == day * 86400 + 43210)
        }
    }
}

@Suite struct RepositoryNameTests {
    @Test("names of repositories", arguments: ["a.b", "unpacked.wharf.internal", "1.example.org", "a-b_c.d"])
    func good(name: String) { #expect(RepositoryFQRN(name)?.name == name) }

    @Test(
        "what could leave the directory, or has no dot, is no name",
        arguments: [
            "", "nodot", ".a.b", "a.b.", "a..b", "a/b.c", "../a.b", "a b.c", "ä.b", "-a.b", "a.b\0", "a.b\n",
        ]
    )
    func bad(name: String) { #expect(RepositoryFQRN(name) == nil) }
}
