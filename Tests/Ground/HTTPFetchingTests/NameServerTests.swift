// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import HTTPFetching
import Testing

@Suite("name servers")
struct NameServerTests {
    @Test("addresses of both versions are addresses, names and numbers are none")
    func addresses() {
        for address in ["192.0.2.53", "2001:db8::53", "::1"] { #expect(NameServer.isAddress(address)) }
        for text in ["", "dns.example.org", "192.0.2", "53", "192.0.2.53:53", "[::1]", "1.2.3.4 "] {
            #expect(!NameServer.isAddress(text), "\(text)")
        }
    }

    @Test("the file of hosts is read as it is written, comments and nonsense apart")
    func hosts() {
        let file = """
            # 10.0.0.9 cache
            10.0.0.1  Cache cache.example.org # cache2
            ::1 cache
            nonsense cache
            10.0.0.2
            10.0.0.3 other
            """
        #expect(NameServer.hosts(in: file, named: "cache") == ["10.0.0.1", "::1"])
        #expect(NameServer.hosts(in: file, named: "CACHE.example.org") == ["10.0.0.1"])
        #expect(NameServer.hosts(in: file, named: "cache2") == [])
        #expect(NameServer.hosts(in: file, named: "10.0.0.2") == [])
    }
}
