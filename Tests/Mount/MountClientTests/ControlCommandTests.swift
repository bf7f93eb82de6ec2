// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import MountClient
import Testing

@Suite("commands of the control socket")
struct ControlCommandTests {
    @Test(
        "what follows a verb is taken as it is written",
        arguments: [
            ("host set http://a/b;http://c", ControlCommand.change(.servers("http://a/b;http://c"))),
            ("  proxy \t set  a:1|b:2; DIRECT \n\0", .change(.proxies("a:1|b:2; DIRECT"))),
            ("proxy fallback DIRECT", .change(.fallback("DIRECT"))),
            ("external host set http://a", .change(.externalServers("http://a"))),
            ("timeout set 5 10", .change(.timeouts(proxied: 5, direct: 10))),
            ("nameserver set ::1", .change(.nameServer("::1"))),
            ("max ttl set 0", .setLongestTimeToLive(minutes: 0)),
            ("cache limit set 1500", .setCacheLimit(megabytes: 1500)),
            ("cleanup rate 60", .countCleanups(minutes: 60)),
            ("cleanup 0", .cleanUp(megabytes: 0)),
            ("evict /a  b/c", .evict(path: "/a  b/c")),
            ("cache  list pinned", .list(.pinned)),
        ]
    )
    func understood(text: String, command: ControlCommand) {
        #expect(ControlCommand(text) == command)
    }

    @Test(
        "an argument that is none is answered with how it is written",
        arguments: [
            "host set", "host set  ", "proxy fallback\0", "timeout set 5", "timeout set 1 2 3",
            "timeout set a b",
            "timeout set -1 5", "max ttl set x", "max ttl set 99999999999999999999", "cache limit set 0",
            "cache limit set -1", "cleanup", "cleanup rate", "cleanup rates 5", "evict",
        ]
    )
    func misused(text: String) {
        guard case .usage(let line)? = ControlCommand(text) else {
            Issue.record("'\(text)' was taken")
            return
        }
        #expect(line.hasPrefix("Usage: "))
    }

    @Test(
        "a verb ends with its word",
        arguments: ["host sets x", "hostset x", "evictx /a", "cleanups 5", ""]
    )
    func unknown(text: String) {
        #expect(ControlCommand(text) == nil)
    }

    @Test("every command is listed, and every command that is listed is known")
    func words() {
        for word in ControlCommand.words { #expect(ControlCommand(word) != nil, "\(word)") }
    }
}
