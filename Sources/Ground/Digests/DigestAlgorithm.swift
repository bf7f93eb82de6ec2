// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// The hash functions that the formats of both worlds use.
package enum DigestAlgorithm: String, Sendable, CaseIterable {
    /// MD5: path keys of CVMFS catalogs and the manifest's `R` line only, never for content.
    case md5
    case sha1
    case sha256
    case sha512
    /// RIPEMD-160.
    case rmd160
    /// SHAKE-128 with 160 bits of output, as CVMFS uses it.
    case shake128

    /// The number of bytes of a digest.
    package var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1, .rmd160, .shake128: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    /// OpenSSL's implementation, fetched once: fetching at every use costs more than hashing a short path.
    var implementation: OpaquePointer? { Self.implementations[self] ?? nil }

    /// The pointers are to immutable, reference-counted method tables that live as long as the process.
    nonisolated(unsafe) private static let implementations: [DigestAlgorithm: OpaquePointer?] = [
        .md5: EVP_MD_fetch(nil, "MD5", nil),
        .sha1: EVP_MD_fetch(nil, "SHA1", nil),
        .sha256: EVP_MD_fetch(nil, "SHA256", nil),
        .sha512: EVP_MD_fetch(nil, "SHA512", nil),
        .rmd160: EVP_MD_fetch(nil, "RIPEMD160", nil),
        .shake128: EVP_MD_fetch(nil, "SHAKE128", nil),
    ]
}
