// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import IdentityProviders
import Testing

@Suite struct LoginThrottleTests {
    @Test("a few failures cost nothing, then the pauses double up to five minutes")
    func pauses() {
        var throttle = LoginThrottle()
        var now = Duration.zero
        for _ in 0..<4 {
            throttle.fail("alice", from: "1", now: now)
            #expect(throttle.pause(for: "alice", from: "1", now: now) == nil)
        }
        var pauses: [Duration] = []
        for _ in 0..<11 {
            throttle.fail("alice", from: "1", now: now)
            let pause = throttle.pause(for: "alice", from: "1", now: now) ?? .zero
            pauses.append(pause)
            now += pause
            #expect(throttle.pause(for: "alice", from: "1", now: now) == nil)
        }
        #expect(Array(pauses.prefix(4)) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        #expect(pauses.last == .seconds(300))
    }

    @Test("an account is paused for the address that failed, not for its owner elsewhere")
    func others() {
        var throttle = LoginThrottle()
        for _ in 0..<20 { throttle.fail("alice", from: "attacker", now: .zero) }
        #expect(throttle.pause(for: "alice", from: "attacker", now: .zero) != nil)
        #expect(throttle.pause(for: "alice", from: "home", now: .zero) == nil)
        #expect(throttle.pause(for: "bob", from: "attacker", now: .zero) == nil)
    }

    @Test("an address that tries many accounts is paused for all of them")
    func spray() {
        var throttle = LoginThrottle()
        for number in 0..<50 { throttle.fail("user\(number)", from: "attacker", now: .zero) }
        #expect(throttle.pause(for: "somebody", from: "attacker", now: .zero) != nil)
        #expect(throttle.pause(for: "somebody", from: "home", now: .zero) == nil)
    }

    @Test("many addresses against one account meet a limit, too")
    func distributed() {
        var throttle = LoginThrottle()
        for number in 0..<100 { throttle.fail("alice", from: "a\(number)", now: .zero) }
        #expect(throttle.pause(for: "alice", from: "new", now: .zero) != nil)
    }

    @Test("success forgets the failures of that account from that address; time forgets all")
    func forget() {
        var throttle = LoginThrottle()
        for _ in 0..<6 { throttle.fail("alice", from: "1", now: .zero) }
        throttle.succeed("alice", from: "1")
        #expect(throttle.pause(for: "alice", from: "1", now: .zero) == nil)
        for _ in 0..<6 { throttle.fail("bob", from: "1", now: .zero) }
        throttle.fail("bob", from: "1", now: .seconds(2_000))
        #expect(throttle.pause(for: "bob", from: "1", now: .seconds(2_000)) == nil)
    }

    @Test("the memory is bounded whatever comes")
    func bounded() {
        var throttle = LoginThrottle(limit: 100)
        for number in 0..<10_000 {
            throttle.fail("user\(number)", from: "\(number)", now: .milliseconds(number))
        }
        for _ in 0..<10 { throttle.fail("alice", from: "1", now: .seconds(10)) }
        #expect(throttle.pause(for: "alice", from: "1", now: .seconds(10)) != nil)
    }
}
