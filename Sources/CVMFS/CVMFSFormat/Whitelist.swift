// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// The hash of a certificate's DER encoding, as whitelists and blacklists print it.
///
/// - Source: cvmfs-format B.4, B.6.
package struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
    package let hash: ContentHash

    /// Hashes a certificate.
    package init(_ algorithm: ContentHashAlgorithm, of certificate: SigningCertificate) {
        hash = ContentHash(algorithm, of: certificate.der)
    }

    /// Reads a line; everything after a blank, a tab or `#` is a comment, colons and case mean nothing.
    package init?(line: some StringProtocol) {
        let text = String(line.prefix { $0 != " " && $0 != "\t" && $0 != "#" })
        guard let hash = ContentHash(text.filter { $0 != ":" }.lowercased()) else { return nil }
        self.hash = hash
    }

    package var description: String {
        let digits = Array(hash.digits.uppercased())
        let pairs = stride(from: 0, to: digits.count, by: 2).map { String(digits[$0...($0 + 1)]) }
        return pairs.joined(separator: ":") + hash.algorithm.textSuffix.uppercased()
    }
}

/// The text of `.cvmfswhitelist`: which certificates may sign the manifest, and until when.
///
/// - Source: cvmfs-format B.6.
package struct Whitelist: Hashable, Sendable {
    /// When the list was made.
    package var created: CalendarTime
    /// The list is valid before the *hour* of this time; minutes and seconds are ignored, as stock clients do.
    package var expires: CalendarTime
    package var repository: String
    package var fingerprints: [CertificateFingerprint]

    package init(
        created: CalendarTime,
        expires: CalendarTime,
        repository: String,
        fingerprints: [CertificateFingerprint]
    ) {
        self.created = created
        self.expires = expires
        self.repository = repository
        self.fingerprints = fingerprints
    }

    /// Reads the text part of a letter.
    ///
    /// Lines that are no fingerprint are skipped.
    package init(text: [UInt8]) throws(LetterProblem) {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard lines.count >= 3, let created = CalendarTime(stamp: lines[0]) else {
            throw LetterProblem(.malformed, "the whitelist does not begin with a time stamp")
        }
        guard lines[1].hasPrefix("E"), let expires = CalendarTime(stamp: lines[1].dropFirst()) else {
            throw LetterProblem(.malformed, "the whitelist has no expiry in its second line")
        }
        guard lines[2].hasPrefix("N") else {
            throw LetterProblem(.malformed, "the whitelist has no repository name in its third line")
        }
        self.created = created
        self.expires = expires
        repository = String(lines[2].dropFirst())
        fingerprints = lines.dropFirst(3).compactMap { CertificateFingerprint(line: $0) }
    }

    /// The text part of the letter.
    package var text: [UInt8] {
        let lines =
            [created.stamp, "E" + expires.stamp, "N" + repository] + fingerprints.map(\.description)
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// Whether the list is valid at a time (unix seconds).
    package func isValid(at now: Int64) -> Bool {
        let expiry = expires.unixSeconds
        return now < expiry - expiry % 3600
    }
}
