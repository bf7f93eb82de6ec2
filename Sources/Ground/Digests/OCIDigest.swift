// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The name of a blob or manifest in the registry's world: `sha256:…` or `sha512:…` with lower-case digits.
///
/// - Source: OCI image specification 1.1, "descriptor", section "Digests".
package struct OCIDigest: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    /// `sha256` or `sha512`.
    package let algorithm: DigestAlgorithm
    /// The digits after the colon.
    package let encoded: String

    /// Accepts exactly the two registered algorithms with the right number of lower-case digits, else `nil`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let algorithm = DigestAlgorithm(rawValue: String(parts[0])),
            algorithm == .sha256 || algorithm == .sha512,
            parts[1].utf8.count == algorithm.byteCount * 2,
            Hexadecimal.bytes(of: parts[1]) != nil
        else { return nil }
        self.algorithm = algorithm
        self.encoded = String(parts[1])
    }

    /// Wraps a finished SHA-2 digest.
    package init(algorithm: DigestAlgorithm, bytes: [UInt8]) {
        precondition(algorithm == .sha256 || algorithm == .sha512, "an OCI digest is SHA-256 or SHA-512")
        precondition(bytes.count == algorithm.byteCount, "digest of the wrong length")
        self.algorithm = algorithm
        self.encoded = Hexadecimal.text(of: bytes)
    }

    /// Hashes a content that is in memory.
    package init(_ algorithm: DigestAlgorithm = .sha256, of content: some Sequence<UInt8>) {
        self.init(algorithm: algorithm, bytes: IncrementalDigest.digest(algorithm, of: content))
    }

    package var description: String { "\(algorithm.rawValue):\(encoded)" }

    /// The raw bytes of the digest.
    package var bytes: [UInt8] { Hexadecimal.bytes(of: encoded) ?? [] }
}
