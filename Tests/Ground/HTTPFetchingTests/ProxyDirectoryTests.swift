// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import HTTPFetching
import Synchronization
import Testing
import TransferPlanning

@Suite("addresses of proxies")
struct ProxyDirectoryTests {
    private func list(_ text: String, fallback: String = "", limit: Int? = nil, _ names: [String: [String]])
        throws -> [[String]]
    {
        var rules = ProxyDirectory.Rules()
        rules.addressLimit = limit
        let directory = try ProxyDirectory(ProxyString(text), fallback: ProxyString(fallback), rules: rules) {
            name,
            _ in
            names[name] ?? []
        }
        let servers = ServerList(["http://s"], fetcher: HTTPFetcher(.init()), proxies: directory) { _ in }
        _ = servers.currentMember
        return servers.proxies.map { $0.map(\.description) }
    }

    @Test("every address of a name is a member")
    func addresses() throws {
        let members = try list("p:1|q:2;DIRECT", ["p": ["10.0.0.1", "10.0.0.2"], "q": ["::1"]])
        #expect(
            members == [["http://p:1 (10.0.0.1)", "http://p:1 (10.0.0.2)", "http://q:2 (::1)"], ["DIRECT"]]
        )
    }

    @Test("no more addresses of a name are used than wanted")
    func limit() throws {
        #expect(try list("p:1", limit: 1, ["p": ["10.0.0.1", "10.0.0.2"]]) == [["http://p:1 (10.0.0.1)"]])
    }

    @Test("a name that stands for none is no member, and the fall-back comes last, without DIRECT")
    func unknown() throws {
        let members = try list("p:1;q:2", fallback: "DIRECT|r:3", ["q": ["10.0.0.1"], "r": ["10.0.0.3"]])
        #expect(members == [[], ["http://q:2 (10.0.0.1)"], ["http://r:3 (10.0.0.3)"]])
    }

    @Test("addresses are not looked up, and a proxy with a certificate keeps its name")
    func literals() throws {
        let members = try list("10.0.0.9:1|[::1]:2|https://p:3", ["p": ["10.0.0.1"]])
        #expect(members == [["http://10.0.0.9:1", "http://[::1]:2", "https://p:3"]])
    }

    @Test("a name server that does not answer keeps nobody longer than it may")
    func patience() throws {
        var rules = ProxyDirectory.Rules()
        rules.patience = .milliseconds(200)
        let gate = Mutex(())
        try gate.withLock { _ in
            let directory = try ProxyDirectory(
                ProxyString("p:1;10.0.0.9:2"),
                fallback: ProxyString(""),
                rules: rules
            ) { _, _ in
                gate.withLock { _ in ["10.0.0.1"] }
            }
            let servers = ServerList(["http://s"], fetcher: HTTPFetcher(.init()), proxies: directory) { _ in }
            #expect(servers.currentMember.description == "http://10.0.0.9:2")
            #expect(directory.unknownNames == ["p"])
        }
    }
}
