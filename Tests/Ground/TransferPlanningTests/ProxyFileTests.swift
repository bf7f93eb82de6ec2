// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Testing
import TransferPlanning

@Suite("proxy files")
struct ProxyFileTests {
    private func answer(_ text: String, host: String = "server.example.org", address: String = "10.1.2.3")
        throws -> String
    {
        try ProxyFile(Array(text.utf8)).proxy(
            for: "http://\(host)/cvmfs/a.b",
            host: host,
            addresses: { $0 == "server.example.org" ? ["192.0.2.7"] : [] },
            ownAddress: address
        )
    }

    private let site = """
        // The proxies of a site, as such files look.
        var farm = "PROXY squid1.example.org:3128; PROXY squid2.example.org:3128";
        function inside(host) { return isInNet(myIpAddress(), "10.0.0.0", "255.0.0.0"); }
        function FindProxyForURL(url, host) {
            host = host.toLowerCase();
            if (isPlainHostName(host) || dnsDomainIs(host, ".local")) return "DIRECT";
            /* Not for the web. */
            if (shExpMatch(url, "*/cvmfs/*") && inside(host)) {
                return farm + '; DIRECT';
            } else if (!isResolvable(host))
                return "DIRECT";
            return (host.length > 3 && url.substring(0, 5) == "http:") ? "PROXY web.example.org" : "DIRECT";
        }
        """

    @Test("a file as sites have them is understood")
    func understood() throws {
        #expect(try answer(site) == "PROXY squid1.example.org:3128; PROXY squid2.example.org:3128; DIRECT")
        #expect(try answer(site, host: "plain") == "DIRECT")
        #expect(try answer(site, address: "11.0.0.1") == "PROXY web.example.org")
        #expect(try answer(site, host: "away.example.org", address: "11.0.0.1") == "DIRECT")
    }

    @Test("answers become groups in their order")
    func list() throws {
        let list = ProxyFile.list(
            "PROXY a:1; SOCKS5 b:2; HTTPS c:3 ;DIRECT; PROXY ; PROXY user@d:1; nonsense"
        )
        #expect(list == (try ProxyString("a:1;https://c:3;DIRECT")))
    }

    @Test(
        "expressions mean what they mean in the language",
        arguments: [
            ("1 + 2 == 3", "true"), ("'a' + 1", "a1"), ("'' || 'x'", "x"), ("'y' && 'x'", "x"),
            ("!0", "true"),
            ("'1' == 1", "true"), ("'1' === 1", "false"), ("true ? 'a' : 'b'", "a"),
            ("'abc'.indexOf('c')", "2"),
            ("'abc'.indexOf('x') == -1", "true"), ("'abc'.substring(1)", "bc"),
            ("'abc'.substring(2, 0)", "ab"),
            ("1 < 2 && 'a' < 'b'", "true"), ("dnsDomainLevels('a.b.c')", "2"),
            ("dnsResolve('server.example.org')", "192.0.2.7"),
            ("dnsResolve('away')", "null"), ("localHostOrDomainIs('www', 'www.a.b')", "true"),
            ("isInNet('192.0.2.7', '192.0.2.0', '255.255.255.0')", "true"),
            ("isInNet('away', '0.0.0.0', '0.0.0.0')", "false"),
            ("shExpMatch('http://a/b', 'http://*/?')", "true"), ("shExpMatch('ab', 'a')", "false"),
        ]
    )
    func expressions(text: String, value: String) throws {
        #expect(try answer("function FindProxyForURL(u, h) { return '' + (\(text)); }") == value)
    }

    @Test(
        "what is not understood is refused",
        arguments: [
            "", "function FindProxyForURL(u, h) { for (;;) ; }",
            "function FindProxyForURL(u, h) { return [1]; }",
            "function FindProxyForURL(u, h) { return /x/.test(u); }",
            "function FindProxyForURL(u, h) { return weekdayRange('MON'); }",
            "function FindProxyForURL(u, h) { return eval('1'); }",
            "function FindProxyForURL(u, h) { return x; }",
            "function FindProxyForURL(u, h) { return 'a", "function FindProxyForURL(u, h) { if (u) return }",
            "function FindProxyForURL(u, h) { return 1 }", "function FindProxyForURL(u, h { return 'a'; }",
            "<html>Not found</html>",
        ]
    )
    func refused(text: String) {
        #expect(throws: ProxyFileProblem.self) { try answer(text) }
    }

    @Test("hostile files end")
    func hostile() {
        let texts = [
            "function FindProxyForURL(u, h) { return FindProxyForURL(u, h); }",
            "function FindProxyForURL(u, h) { return " + String(repeating: "(", count: 100_000),
            "function FindProxyForURL(u, h) { return " + String(repeating: "!", count: 100_000) + "1; }",
            "function FindProxyForURL(u, h) { return '" + String(repeating: "a'+'", count: 50_000) + "'; }",
            "function f(x) { return g(x + x) + g(x + x); } function g(x) { return f(x + x) + f(x); }"
                + "function FindProxyForURL(u, h) { return f('xxxxxxxxxxxxxxxxxxxxxxx'); }",
            String(repeating: "{", count: 100_000),
        ]
        for text in texts { #expect(throws: ProxyFileProblem.self) { try answer(text) } }
    }
}
