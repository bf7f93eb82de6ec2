// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Foundation

/// The secret of a robot: made here, long and random, so that one round of hashing is enough.
package enum RobotSecret {
    /// A new secret: 40 letters and digits, some 238 bits.
    package static func make() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<40).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
    }

    /// How a secret is stored: `sha256$<salt>$<digest>`, both in hexadecimal.
    package static func hash(_ secret: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return "sha256$\(Hexadecimal.text(of: salt))$\(Hexadecimal.text(of: digest(secret, salt)))"
    }

    /// Whether a stored hash is that of a secret.
    package static func matches(_ secret: String, hash: String) -> Bool {
        let fields = hash.split(separator: "$")
        guard fields.count == 3, fields[0] == "sha256", let salt = Hexadecimal.bytes(of: fields[1]),
            let stored = Hexadecimal.bytes(of: fields[2])
        else { return false }
        return ConstantTime.isEqual(digest(secret, salt), stored)
    }

    private static func digest(_ secret: String, _ salt: [UInt8]) -> [UInt8] {
        IncrementalDigest.digest(.sha256, of: salt + Array(secret.utf8))
    }
}
