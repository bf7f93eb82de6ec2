// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Testing
import TransferPlanning

@Suite("servers")
struct ServerTests {
    @Test("the one that delivered is asked first, and after a while the first of the list again")
    func table() {
        var table = ServerTable(count: 3, resetAfter: .seconds(100))
        table.delivered(2, at: .seconds(5))
        #expect(table.first(at: .seconds(104)) == 2)
        #expect(table.first(at: .seconds(105)) == 0)
        table.failed(0, at: .seconds(106))
        table.failed(0, at: .seconds(107))
        #expect(table.first(at: .seconds(108)) == 1)
        #expect(table.next(after: 2) == 0)
    }

    // MARK: Nobody there

    @Test("where failures cost nothing, the next request but some milliseconds later finds out again")
    func refusedConnections() {
        var gate = OfflineGate()
        #expect(gate.admit(at: .zero) == .pass)
        let isNews = gate.failed(.pass, after: .milliseconds(1), at: .zero)
        #expect(isNews && gate.isOffline)
        #expect(gate.admit(at: .milliseconds(99)) == .refuse)
        #expect(gate.admit(at: .milliseconds(100)) == .probe)
        #expect(gate.admit(at: .milliseconds(101)) == .refuse)
        #expect(gate.answered() == true)
        #expect(!gate.isOffline)
        #expect(gate.admit(at: .milliseconds(102)) == .pass)
        #expect(gate.answered() == false)
    }

    @Test("where failures are timeouts, one request in three timeouts waits, and no other")
    func timeouts() {
        var gate = OfflineGate()
        _ = gate.failed(.pass, after: .seconds(5), at: .zero)
        var (probes, waited) = (0, Duration.zero)
        for second in 1...300 where gate.admit(at: .seconds(second)) == .probe {
            probes += 1
            waited += .seconds(5)
            let isNews = gate.failed(.probe, after: .seconds(5), at: .seconds(second))
            #expect(!isNews)
        }
        #expect(probes == 30 && waited == .seconds(150))
    }

    @Test("requests from before an outage was noticed do not put its end off")
    func stragglers() {
        var gate = OfflineGate()
        _ = gate.failed(.pass, after: .seconds(1), at: .zero)
        #expect(gate.admit(at: .seconds(2)) == .probe)
        let isNews = gate.failed(.pass, after: .seconds(60), at: .seconds(3))
        #expect(!isNews)
        #expect(gate.answered() == true)
    }

    // MARK: Redirections

    @Test(
        "redirections are followed within the rules",
        arguments: [
            ("http://other/x", "http://a/b", "http://other/x"), ("/x", "http://a:1/b", "http://a:1/x"),
            ("//c/x", "https://a/b", "https://c/x"), ("https://c/x", "http://a/b", "https://c/x"),
            ("http://c/x", "https://a/b", nil), ("x", "http://a/b", nil), ("ftp://c/x", "http://a/b", nil),
            ("http://me@c/x", "http://a/b", nil), ("http:///x", "http://a/b", nil),
            ("http://c/\r\nX: y", "http://a/", nil),
            ("", "http://a/b", nil), ("file:///etc/passwd", "http://a/b", nil),
        ] as [(String, String, String?)]
    )
    func redirections(location: String, url: String, target: String?) {
        #expect(RedirectRule.target(location, from: url) == target)
    }

    // MARK: Distances

    @Test("a question names servers, and fall-back proxies behind a mark")
    func question() {
        let servers = ["http://one.example.org:8000/cvmfs/a.b", "http://two.example.org/cvmfs/a.b"]
        let url = GeoOrder.question(
            to: servers[1],
            caller: "proxy",
            servers: servers,
            fallbacks: ["p1", "p2"]
        )
        #expect(
            url
                == "http://two.example.org/cvmfs/a.b/api/v1.0/geo/proxy/one.example.org,two.example.org,+PXYSEP+,p1,p2"
        )
    }

    @Test("an answer is a permutation")
    func answer() throws {
        let order = try #require(GeoOrder.answer(Array("2,1,3\n".utf8), servers: 3, fallbacks: 0))
        #expect(order.servers == [1, 0, 2] && order.fallbacks == [])
        let both = try #require(GeoOrder.answer(Array("2,1,5,4,3".utf8), servers: 2, fallbacks: 2))
        #expect(both.servers == [1, 0] && both.fallbacks == [1, 0])
    }

    @Test(
        "what is none is refused",
        arguments: ["", "1,2", "1,2,2", "0,1,2", "1,2,4", "1,2,3,4", "a,b,c", "1,2,3x", "1,,2,3"]
    )
    func noAnswer(text: String) {
        #expect(GeoOrder.answer(Array(text.utf8), servers: 3, fallbacks: 0) == nil)
    }
}
