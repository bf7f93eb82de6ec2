// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSReader
import Testing

@Suite struct ListeningPlanTests {
    /// How often a server is listened to within a time, if listening always ends in one way.
    private func attempts(_ end: ListeningEnd, servers: Int = 1, within time: Duration, jitter: Double = 0.5)
        -> Int
    {
        var plan = ListeningPlan(serverCount: servers)
        var (now, count) = (Duration.zero, 0)
        while now < time {
            switch plan.step(at: now) {
            case .listen:
                count += 1
                plan.ended(end, at: now, jitter: jitter)
            case .wait(let duration): now += duration
            }
        }
        return count
    }

    @Test("no end, however it repeats, floods a server")
    func pace() {
        let hour = Duration.seconds(3600)
        #expect(attempts(.unsupported, within: hour) == 1)
        #expect((2...70).contains(attempts(.unreachable, within: hour)))
        #expect((2...8).contains(attempts(.refused("a lie"), within: hour)))
        #expect(attempts(.busy, within: hour) == 120)
        #expect(attempts(.nothingNew, within: hour) == 2400)
        #expect(attempts(.over(retry: .seconds(4)), within: hour) == 900)
        #expect(attempts(.over(retry: nil), within: hour) == 1800)
        // What a server asks for is granted within reason.
        #expect(attempts(.over(retry: .seconds(1_000_000)), within: hour) == 60)
    }

    @Test("a request that brought news is followed by the next one at once")
    func news() {
        var plan = ListeningPlan(serverCount: 1)
        #expect(plan.step(at: .zero) == .listen(server: 0))
        plan.ended(.over(retry: .zero), at: .seconds(5), jitter: 0.9)
        #expect(plan.step(at: .seconds(5)) == .listen(server: 0))
    }

    @Test("nodes do not come back together")
    func jitter() {
        var waits: Set<Duration> = []
        for jitter in [0, 0.3, 0.6, 0.99] {
            var plan = ListeningPlan(serverCount: 1)
            plan.ended(.unreachable, at: .zero, jitter: jitter)
            guard case .wait(let wait) = plan.step(at: .zero) else { continue }
            waits.insert(wait)
        }
        #expect(waits.count == 4)
        #expect(waits.allSatisfy { $0 >= .seconds(1) && $0 < .seconds(3) })
    }

    @Test("another server is listened to while the first one is left alone")
    func several() {
        var plan = ListeningPlan(serverCount: 3)
        var heard: [Int] = []
        for _ in 0..<3 {
            guard case .listen(let server) = plan.step(at: .zero) else { break }
            heard.append(server)
            plan.ended(.unreachable, at: .zero, jitter: 0)
        }
        #expect(heard == [0, 1, 2])
        #expect(plan.step(at: .zero) == .wait(.seconds(1)))
        // The one that was listened to last is the first choice again.
        #expect(plan.step(at: .seconds(2)) == .listen(server: 2))
    }

    @Test("after an outage of any length, a server that keeps its promise is back in favour")
    func recovery() {
        var plan = ListeningPlan(serverCount: 1)
        for _ in 0..<1000 { plan.ended(.unreachable, at: .zero, jitter: 0.99) }
        guard case .wait(let longest) = plan.step(at: .zero) else { return #expect(Bool(false)) }
        #expect(longest <= .seconds(90))
        plan.ended(.over(retry: .seconds(1)), at: .zero, jitter: 0)
        plan.ended(.unreachable, at: .zero, jitter: 0)
        #expect(plan.step(at: .zero) == .wait(.seconds(1)))
    }

    @Test("a list without servers waits and does not trap")
    func empty() {
        var plan = ListeningPlan(serverCount: 0)
        #expect(plan.step(at: .zero) == .listen(server: 0))
        plan.ended(.unsupported, at: .zero, jitter: 0)
        #expect(plan.step(at: .zero) == .wait(.seconds(1800)))
    }
}
