// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CCrypt
package import Digests
internal import Foundation

/// A password as it is stored: salted, and slow to guess.
///
/// ```
/// $scrypt$ln=15,r=8,p=1$<salt>$<key>      written by this program; salt and key in base64 without padding
/// $2y$10$…                                 bcrypt, as imported from an htpasswd file; replaced at the first login
/// ```
package struct PasswordHash: Hashable, Sendable, LosslessStringConvertible {
    /// Which function made the hash.
    private enum Scheme: Hashable {
        case scrypt(Scrypt.Cost, salt: [UInt8], key: [UInt8])
        case bcrypt
    }

    package let description: String
    private let scheme: Scheme

    /// The cost of new hashes: 32 MiB and some 60 ms for each guess.
    package static let cost = Scrypt.Cost(logarithm: 15, blockSize: 8, parallelism: 1)

    /// Stored hashes may cost no more than this, so that a database from elsewhere cannot exhaust the memory.
    private static let memoryLimitInBytes: UInt64 = 128 << 20

    /// Hashes a password with a fresh salt; blocks.
    ///
    /// - Throws: `passwordWork` if there is not enough memory.
    package init(hashing password: String, cost: Scrypt.Cost = Self.cost) throws(IdentityProblem) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        guard let key = Scrypt.derive(Array(password.utf8), salt: salt, cost: cost) else {
            throw IdentityProblem(.passwordWork, "the password could not be hashed")
        }
        scheme = .scrypt(cost, salt: salt, key: key)
        description =
            "$scrypt$ln=\(cost.logarithm),r=\(cost.blockSize),p=\(cost.parallelism)"
            + "$\(Self.base64(salt))$\(Self.base64(key))"
    }

    /// Reads what is stored; `nil` for anything else.
    package init?(_ text: String) {
        description = text
        if ["$2a$", "$2b$", "$2y$"].contains(where: { text.hasPrefix($0) }) {
            guard text.utf8.count == 60 else { return nil }
            scheme = .bcrypt
            return
        }
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 5, fields[0].isEmpty, fields[1] == "scrypt", let cost = Self.cost(fields[2]),
            let salt = Self.bytes(fields[3]), let key = Self.bytes(fields[4]), key.count >= 16
        else { return nil }
        scheme = .scrypt(cost, salt: salt, key: key)
    }

    /// Whether it is the hash of a password; blocks, for as long as making it did.
    package func matches(_ password: String) -> Bool {
        switch scheme {
        case .scrypt(let cost, let salt, let key):
            guard
                let found = Scrypt.derive(Array(password.utf8), salt: salt, cost: cost, count: key.count)
            else { return false }
            return ConstantTime.isEqual(found, key)
        case .bcrypt: return matchesBcrypt(password)
        }
    }

    /// Whether the password should be hashed again, as this program does it now.
    package var isOutdated: Bool {
        if case .scrypt(Self.cost, _, _) = scheme { false } else { true }
    }

    private func matchesBcrypt(_ password: String) -> Bool {
        // The function stops at a zero byte and would take the rest for granted.
        guard !password.utf8.contains(0) else { return false }
        var data = crypt_data()
        let size = Int32(MemoryLayout<crypt_data>.size)
        guard let found = crypt_rn(password, description, &data, size) else { return false }
        return ConstantTime.isEqual(Array(String(cString: found).utf8), Array(description.utf8))
    }

    private static func cost(_ text: Substring) -> Scrypt.Cost? {
        let parts = text.split(separator: ",").map { $0.split(separator: "=") }
        guard parts.count == 3, parts.allSatisfy({ $0.count == 2 }),
            parts.map({ $0[0] }) == ["ln", "r", "p"],
            let logarithm = UInt8(parts[0][1]), let blockSize = UInt32(parts[1][1]),
            let parallelism = UInt32(parts[2][1])
        else { return nil }
        let cost = Scrypt.Cost(logarithm: logarithm, blockSize: blockSize, parallelism: parallelism)
        guard let memory = cost.memoryInBytes, memory <= memoryLimitInBytes else { return nil }
        return cost
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("=", with: "")
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: text + padding).map { [UInt8]($0) }
    }
}
