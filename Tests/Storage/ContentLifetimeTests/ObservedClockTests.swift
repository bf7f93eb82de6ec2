// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ContentLifetime
import Testing

@Suite struct ObservedClockTests {
    @Test("time that both clocks agree on passes")
    func passes() {
        var clock = ObservedClock(from: 1000, wall: 50_000, steady: 7)
        #expect(clock.advance(wall: 50_400, steady: 407) == 1400)
        #expect(clock.now == 1400)
    }

    @Test(
        "a jump of the wall clock in either direction is not time",
        arguments: [Int64.max, 1 << 40, 60_000, -60_000, -1 << 40, .min]
    )
    func jumps(_ jump: Int64) {
        var clock = ObservedClock(from: 0, wall: 1000, steady: 0)
        let (wall, _) = Int64(1000).addingReportingOverflow(jump)
        let passed = clock.advance(wall: wall, steady: 10)
        #expect((0...10).contains(passed))
        #expect(clock.advance(wall: wall &+ 5, steady: 15) <= passed + 5)
    }

    @Test("a steady clock that begins anew holds nothing up for longer than that moment")
    func restart() {
        var clock = ObservedClock(from: 0, wall: 0, steady: 1_000_000)
        #expect(clock.advance(wall: 100, steady: 0) == 0)
        #expect(clock.advance(wall: 200, steady: 100) == 100)
    }

    @Test("it never steps back and never traps")
    func grows() {
        var clock = ObservedClock(from: .max - 1, wall: 0, steady: 0)
        #expect(clock.advance(wall: .max, steady: .max) == .max)
        #expect(clock.advance(wall: .min, steady: .min) == .max)
    }
}
