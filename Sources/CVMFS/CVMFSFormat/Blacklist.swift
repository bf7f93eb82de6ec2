// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What a node does not trust any more, whatever the repositories say: certificates and old revisions.
///
/// - Source: cvmfs-format B.8.
package struct Blacklist: Sendable, Equatable {
    private var fingerprints: Set<CertificateFingerprint> = []
    private var leastRevisions: [String: UInt64] = [:]

    /// A list that refuses nothing.
    package init() {}

    /// Adds the lines of a file; those that make no sense refuse nothing, and are returned.
    @discardableResult
    package mutating func add(text: String) -> [String] {
        var strangers: [String] = []
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            if line.hasPrefix("<") {
                let words = line.dropFirst().split(separator: " ", omittingEmptySubsequences: false)
                guard words.count == 2, let least = UInt64(words[1]) else {
                    strangers.append(String(line))
                    continue
                }
                let name = String(words[0])
                leastRevisions[name] = max(leastRevisions[name] ?? 0, least)
            } else if let fingerprint = CertificateFingerprint(line: line) {
                fingerprints.insert(fingerprint)
            } else {
                strangers.append(String(line))
            }
        }
        return strangers
    }

    /// Whether a manifest that this certificate signed is refused.
    package func refuses(_ certificate: SigningCertificate) -> Bool {
        fingerprints.contains { $0 == CertificateFingerprint($0.hash.algorithm, of: certificate) }
    }

    /// The oldest revision of a repository that is not refused; `nil` if all are fine.
    package func leastRevision(of repository: String) -> UInt64? { leastRevisions[repository] }
}
