// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import HTTPDelivery
import Testing

@Suite struct AnonymousWriteRuleTests {
    private func refusal(
        peer: String? = "127.0.0.1",
        host: String? = "127.0.0.1:5000",
        _ headers: [(name: String, value: String)] = []
    ) -> AnonymousWriteRule.Refusal? {
        AnonymousWriteRule.refusal(peer: peer, host: host, headers: headers)
    }

    @Test(
        "a program on this machine may write under any loopback name",
        arguments: [
            ("127.0.0.1", "127.0.0.1:5000"), ("127.0.0.1", "localhost"), ("127.9.8.7", "LocalHost:80"),
            ("::1", "[::1]:5000"), ("::1", "[::1]"), ("::ffff:127.0.0.1", "127.0.0.2"),
        ]
    )
    func allowed(peer: String, host: String) {
        #expect(refusal(peer: peer, host: host, [("User-Agent", "x"), ("Accept", "*/*")]) == nil)
    }

    @Test(
        "another machine may not write, whatever it says",
        arguments: [
            nil, "", "10.0.0.1", "192.168.1.1", "128.0.0.1", "::2", "fe80::1", "::ffff:10.0.0.1",
            "127.0.0.1.example.org",
            "127.0.0", "127.0.0.256", "0.0.0.0",
        ]
    )
    func peer(address: String?) {
        #expect(refusal(peer: address) == .peerIsNotLoopback)
    }

    @Test(
        "a name that is not loopback's own is refused, so that no web page can rebind its name to this machine",
        arguments: [
            nil, "", "example.org", "example.org:5000", "127.0.0.1.example.org", "localhost.example.org",
            "10.0.0.1:5000",
            "[::2]:5000", "[::1", "[::1]x", "[127.0.0.1]", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999",
            "::1",
            "localhost:5000:1", "127.0.0.+1",
        ]
    )
    func host(name: String?) {
        #expect(refusal(host: name) == .hostIsNotLoopback)
    }

    @Test(
        "a request that passed a proxy or comes from a web page is refused",
        arguments: [
            ("Forwarded", "for=10.0.0.1"), ("X-Forwarded-For", "10.0.0.1"), ("X-Forwarded-Proto", "https"),
            ("x-forwarded-host", "a"), ("X-FORWARDED-Anything", ""), ("Via", "1.1 squid"),
            ("Origin", "http://127.0.0.1:5000"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"), ("sec-fetch-site", ""),
        ]
    )
    func header(name: String, value: String) {
        #expect(refusal([("Accept", "*/*"), (name, value)]) == .header(name.lowercased()))
    }

    @Test(
        "a page of the server itself and an address typed by hand are no strangers",
        arguments: ["same-origin", "none"]
    )
    func ownPage(value: String) {
        #expect(refusal([("Sec-Fetch-Site", value)]) == nil)
    }
}
