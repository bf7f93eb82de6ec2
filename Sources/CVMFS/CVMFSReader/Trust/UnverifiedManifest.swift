// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import Digests

/// A manifest as a server sent it: it has the right form and name, and nobody vouches for it yet.
package struct UnverifiedManifest: Sendable {
    /// What it says.
    package let manifest: PublishedManifest
    private let letter: SignedLetter

    /// Parses `.cvmfspublished`.
    ///
    /// - Throws: `malformed`, `nameMismatch`.
    package init(_ file: [UInt8], repository: RepositoryFQRN) throws(ReaderProblem) {
        do {
            letter = try SignedLetter(file)
            manifest = try PublishedManifest(text: letter.text)
        } catch {
            throw ReaderProblem(.malformed, "the manifest of \(repository) is malformed", cause: error)
        }
        guard manifest.repository == repository.name else {
            throw ReaderProblem(
                .nameMismatch,
                "the manifest belongs to \(manifest.repository), not to \(repository)"
            )
        }
        guard manifest.rootPathHash == PublishedManifest.emptyPathHash else {
            throw ReaderProblem(.malformed, "the manifest of \(repository) is not for the repository's root")
        }
    }

    /// Verifies the signature and who made it.
    ///
    /// - Throws: `badSignature`, `untrustedCertificate`.
    package func verified(
        by certificate: SigningCertificate,
        under whitelist: VerifiedWhitelist
    ) throws(ReaderProblem) -> VerifiedManifest {
        guard let key = certificate.publicKey,
            key.verifiesSHA1(signature: letter.signature, of: letter.signedText)
        else {
            throw ReaderProblem(
                .badSignature,
                "the manifest of \(manifest.repository) has a signature that is not by its certificate"
            )
        }
        guard whitelist.lists(certificate) else {
            throw ReaderProblem(
                .untrustedCertificate,
                "the certificate that signed the manifest of \(manifest.repository) is not on the whitelist"
            )
        }
        return VerifiedManifest(
            manifest: manifest,
            keyFingerprint: whitelist.keyFingerprint,
            whitelistExpiry: whitelist.whitelist.expires
        )
    }
}

/// A manifest that the chain of master key, whitelist and certificate vouches for.
///
/// Made by `UnverifiedManifest` only.
package struct VerifiedManifest: Sendable {
    /// What it says.
    package let manifest: PublishedManifest
    /// The SHA-256 fingerprint of the master key at the end of the chain.
    package let keyFingerprint: String
    /// When the whitelist that vouches for it expires.
    package let whitelistExpiry: CalendarTime

    fileprivate init(manifest: PublishedManifest, keyFingerprint: String, whitelistExpiry: CalendarTime) {
        self.manifest = manifest
        self.keyFingerprint = keyFingerprint
        self.whitelistExpiry = whitelistExpiry
    }
}
