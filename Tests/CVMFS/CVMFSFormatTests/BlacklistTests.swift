// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import Testing

@Suite("blacklists")
struct BlacklistTests {
    @Test("revisions below a number are refused, of the repository that is named")
    func revisions() {
        var blacklist = Blacklist()
        let strangers = blacklist.add(
            text: "# comment\n\n<a.example.org 5\n<a.example.org 3\n<b.example.org 7 x\n<c"
        )
        #expect(blacklist.leastRevision(of: "a.example.org") == 5)
        #expect(blacklist.leastRevision(of: "b.example.org") == nil)
        #expect(strangers == ["<b.example.org 7 x", "<c"])
    }

    @Test("lines that are neither a fingerprint nor a revision are told")
    func nonsense() {
        var blacklist = Blacklist()
        #expect(blacklist.add(text: "nonsense") == ["nonsense"])
        #expect(blacklist == Blacklist())
        #expect(
            blacklist.add(text: "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33 # stolen") == []
        )
        #expect(blacklist != Blacklist())
    }
}
