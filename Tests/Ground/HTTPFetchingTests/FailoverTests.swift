// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import HTTPFetching
import Testing

@Suite("fail-over")
struct FailoverTests {
    @Test("a corrupt answer is asked for once past the caches, then from the next server")
    func corruption() {
        var failover = Failover(serverCount: 2, first: 0, retryLimit: 1)
        #expect(failover.start() == .ask(server: 0, bypassingCaches: false))
        #expect(failover.failed(.corrupt, jitter: 0) == .ask(server: 0, bypassingCaches: true))
        #expect(failover.failed(.corrupt, jitter: 0) == .ask(server: 1, bypassingCaches: false))
        #expect(failover.failed(.corrupt, jitter: 0) == .ask(server: 1, bypassingCaches: true))
        #expect(failover.failed(.corrupt, jitter: 0) == .giveUp)
    }

    @Test("a failed transfer is tried again after a pause")
    func transfers() {
        var failover = Failover(serverCount: 2, first: 1, retryLimit: 1)
        guard case .pause(let duration, thenServer: 1) = failover.failed(.transfer, jitter: 1) else {
            Issue.record("no pause")
            return
        }
        #expect(duration == .milliseconds(200))
        #expect(failover.failed(.transfer, jitter: 1) == .ask(server: 0, bypassingCaches: false))
    }

    @Test("a status goes to the next server at once, too many bytes end it")
    func others() {
        var failover = Failover(serverCount: 3, first: 2, retryLimit: 1)
        #expect(failover.failed(.status, jitter: 0) == .ask(server: 0, bypassingCaches: false))
        #expect(failover.failed(.tooLarge, jitter: 0) == .giveUp)
        #expect(Failover(serverCount: 0, first: 0, retryLimit: 1).start() == .giveUp)
    }

    @Test("every sequence of failures ends", arguments: 1...4)
    func termination(servers: Int) {
        for code in FetchProblem.Code.allCases {
            var failover = Failover(serverCount: servers, first: 0, retryLimit: 3)
            var steps = 0
            while failover.failed(code, jitter: 0.5) != .giveUp { steps += 1 }
            #expect(steps <= servers * 5)
        }
    }

    @Test(
        "proxies are host and port",
        arguments: ["http://proxy:3128", "proxy:3128", "http://proxy:3128/", "proxy"]
    )
    func proxies(text: String) throws {
        let proxy = try #require(ProxyAddress(text))
        #expect(proxy.host == "proxy" && proxy.port == 3128)
    }

    @Test("what is no proxy is refused", arguments: ["", "http://", "a:b", "a:1:2", "a:0", "a:70000"])
    func noProxies(text: String) {
        #expect(ProxyAddress(text) == nil)
    }
}
