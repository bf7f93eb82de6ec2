// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// The public keys that may have signed a repository's whitelist.
package struct MasterKeys: Sendable {
    /// The keys, at least one.
    package let keys: [RSAPublicKey]

    /// Reads PEM files.
    ///
    /// - Throws: `noKey` if there is none, or a text that is no key.
    package init(pemFiles: [[UInt8]]) throws(ReaderProblem) {
        var keys: [RSAPublicKey] = []
        for file in pemFiles {
            do { keys.append(try RSAPublicKey(pem: file)) } catch {
                throw ReaderProblem(.noKey, "a public key file holds no RSA key", cause: error)
            }
        }
        guard !keys.isEmpty else { throw ReaderProblem(.noKey, "no master public key is configured") }
        self.keys = keys
    }

    /// The SHA-256 of a key's DER form, by which people compare keys and revisions are remembered.
    package static func fingerprint(of key: RSAPublicKey) -> String {
        Hexadecimal.text(of: IncrementalDigest.digest(.sha256, of: key.der))
    }
}
