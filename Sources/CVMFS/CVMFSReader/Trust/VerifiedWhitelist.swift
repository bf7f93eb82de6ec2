// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
internal import Digests

/// A whitelist that a master key signed, for this repository, and that has not expired.
package struct VerifiedWhitelist: Sendable {
    /// The list.
    package let whitelist: Whitelist
    /// The SHA-256 fingerprint of the master key that signed it.
    package let keyFingerprint: String

    /// Verifies the content of `.cvmfswhitelist`.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - repository: the name that was asked for.
    ///   - keys: any of them may have signed it.
    ///   - now: unix seconds.
    /// - Throws: `malformed`, `wrongKey`, `nameMismatch`, `expiredWhitelist`.
    /// - Source: cvmfs-format B.6.
    package init(_ file: [UInt8], repository: RepositoryFQRN, keys: MasterKeys, now: Int64)
        throws(ReaderProblem)
    {
        let letter: SignedLetter
        do {
            letter = try SignedLetter(file)
            whitelist = try Whitelist(text: letter.text)
        } catch {
            throw ReaderProblem(.malformed, "the whitelist of \(repository) is malformed", cause: error)
        }
        guard let key = keys.keys.first(where: { $0.recover(letter.signature) == letter.signedText }) else {
            throw ReaderProblem(
                .wrongKey,
                "the whitelist of \(repository) is not signed by the configured master key",
                remedy: "get the repository's public key from its operator, and compare the fingerprint"
            )
        }
        keyFingerprint = MasterKeys.fingerprint(of: key)
        guard whitelist.repository == repository.name else {
            throw ReaderProblem(
                .nameMismatch,
                "the whitelist belongs to \(whitelist.repository), not to \(repository)"
            )
        }
        guard whitelist.isValid(at: now) else {
            throw ReaderProblem(
                .expiredWhitelist,
                "the whitelist of \(repository) expired at \(whitelist.expires.iso8601)",
                remedy: "the repository's operator has to sign it anew; also check this machine's clock"
            )
        }
    }

    /// Whether a certificate may sign the manifest.
    func lists(_ certificate: SigningCertificate) -> Bool {
        whitelist.fingerprints.contains { $0 == CertificateFingerprint($0.hash.algorithm, of: certificate) }
    }
}
