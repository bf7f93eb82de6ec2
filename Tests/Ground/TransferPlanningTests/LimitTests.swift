// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Testing
import TransferPlanning

@Suite("limits of transfers")
struct LimitTests {
    @Test("a trickle is given up, a slow line with more than the floor is not")
    func speed() {
        var trickle = SpeedGuard(floor: 1024, window: .seconds(5))
        for _ in 1...4 { #expect(trickle.received(1, after: .seconds(1)) == true) }
        #expect(trickle.received(1, after: .seconds(1)) == false)
        var slow = SpeedGuard(floor: 1024, window: .seconds(5))
        for _ in 1...1000 { #expect(slow.received(1100, after: .seconds(1)) == true) }
    }

    @Test("a transfer that stalls after a good start is given up")
    func stall() {
        var speed = SpeedGuard(floor: 1024, window: .seconds(5))
        #expect(speed.received(100 << 20, after: .seconds(5)) == true)
        for _ in 1...4 { #expect(speed.received(10, after: .seconds(1)) == true) }
        #expect(speed.received(10, after: .seconds(1)) == false)
    }

    @Test("bytes are spread over time, however they come")
    func bandwidth() {
        var bandwidth = Bandwidth(bytesPerSecond: 1 << 20)
        var (now, generator) = (Duration.zero, SplitMix(state: 1))
        var sum = 0
        while sum < 10 << 20 {
            let count = Int(generator.next() % 100_000)
            sum += count
            now += bandwidth.take(count, at: now)
        }
        #expect(now > .seconds(9.7) && now < .seconds(10.3))
    }

    @Test("a silence is not saved up")
    func burst() {
        var bandwidth = Bandwidth(bytesPerSecond: 1 << 20)
        _ = bandwidth.take(1, at: .zero)
        #expect(bandwidth.take(1 << 20, at: .seconds(100)) > .milliseconds(850))
    }

    @Test("small transfers find a place beside any number of large ones")
    func small() {
        var plan = SlotPlan()
        let large = (0..<100).map { _ in plan.enter(.large) }
        #expect(large.filter { $0 == nil }.count == SlotPlan.largeLimit)
        for _ in SlotPlan.largeLimit..<SlotPlan.limit { #expect(plan.enter(.small) == nil) }
        #expect(plan.enter(.small) != nil)
    }

    @Test("what is fetched ahead waits while anybody else does")
    func ahead() {
        var plan = SlotPlan()
        let first = (0..<SlotPlan.limit).map { _ in plan.enter(.ahead) }
        #expect(first.filter { $0 == nil }.count == SlotPlan.aheadLimit)
        for _ in SlotPlan.aheadLimit..<SlotPlan.limit { #expect(plan.enter(.small) == nil) }
        let waiting = plan.enter(.small)
        #expect(waiting != nil)
        // The place that gets free is for the one who waits, not for the next in the other queue.
        #expect(plan.leave(.ahead) == [waiting])
    }

    @Test("every transfer gets its turn, and the limits hold")
    func law() {
        var (plan, generator) = (SlotPlan(), SplitMix(state: 7))
        var running: [SlotPlan.Weight] = []
        var waiting: [UInt64: SlotPlan.Weight] = [:]
        for step in 0..<20_000 {
            if step < 10_000, generator.next() % 2 == 0 {
                let weight = SlotPlan.Weight.allCases[Int(generator.next() % 3)]
                if let ticket = plan.enter(weight) {
                    waiting[ticket] = weight
                } else {
                    running.append(weight)
                }
            } else if !running.isEmpty {
                let ended = running.remove(at: Int(generator.next() % UInt64(running.count)))
                for ticket in plan.leave(ended) {
                    running.append(waiting.removeValue(forKey: ticket) ?? .small)
                }
            }
            #expect(running.count == plan.runningCount && running.count <= SlotPlan.limit)
            #expect(running.filter { $0 != .small }.count <= SlotPlan.lengthyLimit)
            #expect(running.filter { $0 == .large }.count <= SlotPlan.largeLimit)
            #expect(running.filter { $0 == .ahead }.count <= SlotPlan.aheadLimit)
        }
        #expect(waiting.isEmpty && running.isEmpty)
    }
}
