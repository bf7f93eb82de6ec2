// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import Digests
internal import Synchronization

/// Remembers for a minute which credentials were right, so that a client that sends its password with every request
/// does not cost a slow hash each time.
///
/// Keeps no password: only hashes under a key that dies with the process.
final class CredentialCache: Sendable {
    private struct Entry {
        var reference: PrincipalReference
        var expires: Duration
    }

    private static let lifetime = Duration.seconds(60)
    private static let limit = 10_000

    private let key: [UInt8]
    private let entries = Mutex<[[UInt8]: Entry]>([:])

    init() {
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// The principal that these credentials were found to be; whether it still works is for the caller to ask.
    func reference(_ name: String, _ secret: String, now: Duration) -> PrincipalReference? {
        let name = fingerprint(name, secret)
        return entries.withLock { entries in
            guard let entry = entries[name], entry.expires > now else { return nil }
            return entry.reference
        }
    }

    func remember(_ name: String, _ secret: String, as reference: PrincipalReference, now: Duration) {
        let name = fingerprint(name, secret)
        entries.withLock { entries in
            if entries.count >= Self.limit { entries = entries.filter { $0.value.expires > now } }
            if entries.count >= Self.limit { entries.removeAll() }
            entries[name] = Entry(reference: reference, expires: now + Self.lifetime)
        }
    }

    private func fingerprint(_ name: String, _ secret: String) -> [UInt8] {
        // A name holds no zero byte that could be mistaken for the separator: such names are refused before.
        IncrementalDigest.digest(.sha256, of: key + Array(name.utf8) + [0] + Array(secret.utf8))
    }
}
