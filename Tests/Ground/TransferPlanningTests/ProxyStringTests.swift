// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Testing
import TransferPlanning

@Suite("lists of proxies")
struct ProxyStringTests {
    @Test(
        "proxies are host and port",
        arguments: ["http://proxy:3128", "proxy:3128", "http://proxy:3128/", "proxy", " proxy "]
    )
    func proxies(text: String) throws {
        let list = try ProxyString(text)
        #expect(list.groups == [[.proxy(ProxyAddress(host: "proxy", port: 3128))]])
    }

    @Test("addresses of the sixth version stand in brackets")
    func version6() throws {
        let address = try #require(ProxyAddress("http://[2001:db8::1]:8080"))
        #expect(
            address.host == "2001:db8::1" && address.port == 8080
                && "\(address)" == "http://[2001:db8::1]:8080"
        )
        #expect(ProxyAddress("[::1]")?.port == 3128)
    }

    @Test(
        "what is no proxy is refused",
        arguments: [
            "http://", "a:b", "a:1:2", "a:0", "a:70000", "a:-1", "a:+1", "a b", "user:secret@proxy:3128",
            "[::1", "[1]:1",
            "[::1]x", "ftp://proxy:1", "a/b", "a?b", "a\n", "a:99999999999999999999", "\u{661}:1",
        ]
    )
    func noProxies(text: String) {
        #expect(ProxyAddress(text) == nil)
    }

    @Test("groups fall back, members share, blanks and empty parts mean nothing")
    func groups() throws {
        let list = try ProxyString("http://a:1|b:2; ;https://c:3|;DIRECT;")
        #expect(
            list.groups.map { $0.map(\.description) } == [
                ["http://a:1", "http://b:2"], ["https://c:3"], ["DIRECT"],
            ]
        )
        #expect(list.hasProxies && !list.isAutomatic)
        #expect(list.withoutDirect.groups.count == 2)
        #expect(try ProxyString(list.text) == list)
    }

    @Test("the longest host is read as it was written, a longer one is refused")
    func hosts() throws {
        let list = try ProxyString(String(repeating: "a", count: 255))
        #expect(try ProxyString(list.text) == list)
        #expect(ProxyAddress(String(repeating: "a", count: 256)) == nil)
    }

    @Test("a password is never repeated in what is said about it")
    func secrets() {
        let problem = #expect(throws: ProxyStringProblem.self) {
            try ProxyString("http://me:secret@proxy:3128")
        }
        #expect(problem?.message.contains("secret") == false)
    }

    @Test("auto stands for what was found, wherever it stands")
    func automatic() throws {
        let list = try ProxyString("auto;DIRECT")
        #expect(list.isAutomatic)
        let found = try ProxyString("a:1;b:2")
        #expect(list.replacingAutomatic(by: found) == (try ProxyString("a:1;b:2;DIRECT")))
        #expect(list.replacingAutomatic(by: ProxyString(groups: [])) == (try ProxyString("DIRECT")))
    }

    @Test("a list that is too long is refused")
    func length() {
        #expect(throws: ProxyStringProblem.self) { try ProxyString(String(repeating: "a|", count: 2000)) }
    }
}
