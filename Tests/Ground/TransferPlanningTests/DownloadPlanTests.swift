// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Testing
import TransferPlanning

@Suite("the plan of a transfer")
struct DownloadPlanTests {
    private func plan(servers: Int, retries: Int = 1) -> DownloadPlan {
        var rules = DownloadPlan.Retries()
        rules.limit = retries
        return DownloadPlan(serverCount: servers, retries: rules)
    }

    @Test(
        "a corrupt answer is asked for once past the caches, then by the next proxy, then from the next server"
    )
    func corruption() {
        var plan = plan(servers: 2)
        #expect(plan.failed(.corrupt, isProxied: true, jitter: 0) == .again(bypassingCaches: true))
        #expect(plan.isBypassing)
        #expect(plan.failed(.corrupt, isProxied: true, jitter: 0) == .otherProxy)
        #expect(!plan.isBypassing)
        #expect(plan.failed(.corrupt, isProxied: true, jitter: 0) == .again(bypassingCaches: true))
        #expect(plan.failed(.corrupt, isProxied: true, jitter: 0) == .otherProxy)
        #expect(plan.proxiesAreUsedUp() == .otherServer)
        #expect(plan.failed(.corrupt, isProxied: false, jitter: 0) == .again(bypassingCaches: true))
        #expect(plan.failed(.corrupt, isProxied: false, jitter: 0) == .giveUp)
    }

    @Test("pauses are drawn, then doubled, and capped")
    func pauses() {
        var plan = plan(servers: 1, retries: 4)
        let steps = (0..<4).map { _ in plan.failed(.transfer, isProxied: false, jitter: 0.9) }
        #expect(
            steps
                == [.milliseconds(1800), .milliseconds(3600), .milliseconds(7200), .seconds(10)].map {
                    .pause($0)
                }
        )
        #expect(plan.failed(.transfer, isProxied: false, jitter: 0.9) == .giveUp)
    }

    @Test("a failed transfer is the proxy's fault if there is one, else the server's")
    func blame() {
        var proxied = plan(servers: 2, retries: 0)
        #expect(proxied.failed(.transfer, isProxied: true, jitter: 0) == .otherProxy)
        var direct = plan(servers: 2, retries: 0)
        #expect(direct.failed(.transfer, isProxied: false, jitter: 0) == .otherServer)
    }

    @Test(
        "a status, an unknown name and a wrong certificate are the server's fault",
        arguments: [true, false]
    )
    func servers(isProxied: Bool) {
        for failure in [DownloadPlan.Failure.serverStatus, .serverName] {
            var plan = plan(servers: 2)
            #expect(plan.failed(failure, isProxied: isProxied, jitter: 0) == .otherServer)
        }
        var plan = plan(servers: 2, retries: 0)
        #expect(plan.failed(.server, isProxied: isProxied, jitter: 0) == .otherServer)
    }

    @Test("what no attempt can change ends it at once")
    func end() {
        var plan = plan(servers: 3)
        #expect(plan.failed(.final, isProxied: true, jitter: 0) == .giveUp)
    }

    @Test("every sequence of failures ends", arguments: 1...3)
    func termination(servers: Int) {
        let proxies = 2
        let failures = DownloadPlan.Failure.allCases
        // All sequences of a length at which every plan has ended, by their first five failures, the last one going on.
        for number in 0..<Int(7 * 7 * 7 * 7 * 7) {
            var plan = plan(servers: servers)
            var (tried, attempts, rest) = (1, 1, number)
            loop: while attempts < 100 {
                let failure = failures[rest % failures.count]
                if rest >= failures.count { rest /= failures.count }
                var step = plan.failed(failure, isProxied: true, jitter: 0.5)
                if step == .otherProxy {
                    tried += 1
                    if tried > proxies { step = plan.proxiesAreUsedUp() }
                }
                switch step {
                case .giveUp: break loop
                case .otherServer: tried = 1
                case .again, .pause, .otherProxy: break
                }
                attempts += 1
            }
            #expect(attempts <= servers * proxies * 2 + 1)
        }
    }

    struct Answer: Sendable {
        let status: Int
        var squidError: String?
        var proxyStatus: String?
        let proxied: DownloadPlan.Failure?
        let direct: DownloadPlan.Failure?
    }

    @Test(
        "answers are classified by status and by who made them",
        arguments: [
            Answer(status: 200, proxied: nil, direct: nil),
            Answer(status: 206, proxied: nil, direct: nil),
            Answer(status: 404, proxied: .serverStatus, direct: .serverStatus),
            Answer(status: 503, proxied: .serverStatus, direct: .serverStatus),
            Answer(
                status: 503,
                squidError: "ERR_CONNECT_FAIL 111",
                proxied: .proxyStatus,
                direct: .serverStatus
            ),
            Answer(
                status: 502,
                proxyStatus: "proxy; error=timeout",
                proxied: .proxyStatus,
                direct: .serverStatus
            ),
            Answer(
                status: 502,
                proxyStatus: "proxy; received-status=502",
                proxied: .serverStatus,
                direct: .serverStatus
            ),
            Answer(status: 403, proxied: .proxyStatus, direct: .serverStatus),
            Answer(status: 407, proxied: .proxyStatus, direct: .serverStatus),
            Answer(status: 429, proxied: .server, direct: .server),
            Answer(status: 302, proxied: .serverStatus, direct: .serverStatus),
        ]
    )
    func answers(_ answer: Answer) {
        for (isProxied, wanted) in [(true, answer.proxied), (false, answer.direct)] {
            let failure = AnswerClass.failure(
                status: answer.status,
                isProxied: isProxied,
                squidError: answer.squidError,
                proxyStatus: answer.proxyStatus
            )
            #expect(failure == wanted)
        }
    }
}
