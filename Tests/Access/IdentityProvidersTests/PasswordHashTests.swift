// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import IdentityProviders
import Testing

@Suite struct PasswordHashTests {
    private static let cheap = Scrypt.Cost(logarithm: 4, blockSize: 8, parallelism: 1)

    @Test("a password matches its own hash and no other, also after it was stored")
    func roundTrip() throws {
        let hash = try PasswordHash(hashing: "correct horse ü", cost: Self.cheap)
        let stored = try #require(PasswordHash(hash.description))
        #expect(stored.matches("correct horse ü"))
        #expect(!stored.matches("correct horse u"))
        #expect(!stored.matches(""))
        #expect(
            try PasswordHash(hashing: "x", cost: Self.cheap) != PasswordHash(hashing: "x", cost: Self.cheap)
        )
    }

    @Test("a hash of another cost is renewed at the next login")
    func outdated() throws {
        #expect(try PasswordHash(hashing: "x", cost: Self.cheap).isOutdated)
        #expect(try !PasswordHash(hashing: "x").isOutdated)
    }

    @Test("bcrypt hashes of htpasswd files are understood, and renewed")
    func bcrypt() throws {
        // Of the test suite of crypt_blowfish.
        let cases = [("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
        let first = try #require(PasswordHash(cases[0].0))
        #expect(first.matches(cases[0].1))
        #expect(!first.matches("U*V"))
        #expect(!first.matches("U*U\0more"))
        #expect(first.isOutdated)
    }

    @Test(
        "what is no hash is refused, and so is one that would cost too much",
        arguments: [
            "", "plain", "$scrypt$", "$scrypt$ln=15,r=8,p=1$$",
            "$scrypt$ln=24,r=64,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=x,r=8,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAA", "$1$abc$def", "$2y$10$short", "$apr1$x$y",
            "$scrypt$r=8,ln=15,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAA",
        ]
    )
    func malformed(text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test("a robot's secret matches its own hash only, and two are never the same")
    func robotSecret() {
        let (one, two) = (RobotSecret.make(), RobotSecret.make())
        #expect(one != two)
        #expect(one.utf8.count == 40)
        #expect(RobotSecret.matches(one, hash: RobotSecret.hash(one)))
        #expect(!RobotSecret.matches(two, hash: RobotSecret.hash(one)))
        #expect(!RobotSecret.matches(one, hash: "sha256$zz$zz"))
        #expect(!RobotSecret.matches("", hash: ""))
    }

    @Test("names and passwords that would make trouble are refused")
    func rules() {
        for name in [
            "", "a:b", "a b", "a\u{7}", "a,b", "a\"b", "a/b", "robot$x", String(repeating: "a", count: 256),
        ] {
            #expect(AccountRules.fault(ofName: name) != nil, "\(name)")
        }
        for name in ["alice", "Alice.B-c_d", "é", "a@example.org", "a+b"] {
            #expect(AccountRules.fault(ofName: name) == nil, "\(name)")
        }
        #expect(AccountRules.fault(ofPassword: "short", for: "a") != nil)
        #expect(AccountRules.fault(ofPassword: "Alice.Bob", for: "alice.bob") != nil)
        #expect(AccountRules.fault(ofPassword: "long enough", for: "alice") == nil)
    }
}
