// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import Digests

/// Keeps `.cvmfswhitelist` valid: 30 days at a time, renewed when less than ten days remain.
///
/// - Source: cvmfs-format B.6.
package struct WhitelistRenewal: Sendable {
    private let location: RepositoryLocation
    private let keys: RepositoryKeys
    private let algorithm: ContentHashAlgorithm

    private static let validity: Int64 = 30 * 86400
    private static let margin: Int64 = 10 * 86400

    init(location: RepositoryLocation, keys: RepositoryKeys, algorithm: ContentHashAlgorithm) {
        self.location = location
        self.keys = keys
        self.algorithm = algorithm
    }

    /// The renewal of a repository that nobody needs to have open: a whitelist is replaced as a whole and says nothing of
    /// the content.
    package init(at location: RepositoryLocation, algorithm: ContentHashAlgorithm) throws {
        self.init(location: location, keys: try RepositoryKeys.load(at: location), algorithm: algorithm)
    }

    /// Writes a new list if there is none, if it is another key's or another repository's, or if it expires soon.
    ///
    /// - Returns: when the list that is now in place expires, unix seconds.
    package func renewIfNeeded(now: Int64) throws -> Int64 {
        if let expiry = currentExpiry(), expiry - now > Self.margin { return expiry }
        let list = Whitelist(
            created: CalendarTime(unixSeconds: now),
            expires: CalendarTime(unixSeconds: now + Self.validity),
            repository: location.name.name,
            fingerprints: [fingerprint]
        )
        let letter = try SignedLetter(text: list.text, algorithm: algorithm) { text throws(KeyProblem) in
            try keys.master.signRaw(text)
        }
        try FileAccess.replace(
            location.whitelist,
            with: letter.encoded,
            by: location.scratchFile("whitelist"),
            isSynced: true
        )
        return list.expires.unixSeconds
    }

    /// The expiry of the list in place; `nil` if it is missing or not ours.
    private func currentExpiry() -> Int64? {
        // A file that is missing or damaged is simply written anew.
        guard let file = try? FileAccess.read(location.whitelist), let letter = try? SignedLetter(file),
            let list = try? Whitelist(text: letter.text),
            list.repository == location.name.name, list.fingerprints == [fingerprint],
            keys.master.publicKey.recover(letter.signature) == letter.signedText
        else { return nil }
        return list.expires.unixSeconds
    }

    private var fingerprint: CertificateFingerprint {
        CertificateFingerprint(algorithm, of: keys.certificate)
    }
}
