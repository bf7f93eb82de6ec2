// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// The X.509 certificate of a repository key.
///
/// Its dates and issuer mean nothing to CVMFS clients: trust comes from its fingerprint in the whitelist.
///
/// - Source: cvmfs-format B.4.
package final class SigningCertificate: @unchecked Sendable {
    private let certificate: OpaquePointer

    private init(taking certificate: OpaquePointer) { self.certificate = certificate }

    deinit { X509_free(certificate) }

    /// Reads a PEM certificate.
    package convenience init(pem: [UInt8]) throws(KeyProblem) {
        guard let certificate = pem.withBIO({ PEM_read_bio_X509($0, nil, nil, nil) }) else {
            throw KeyProblem(code: .notACertificate, message: "the text is not a PEM certificate")
        }
        self.init(taking: certificate)
    }

    /// Makes a certificate that `key` signs for itself.
    ///
    /// - Parameters:
    ///   - key: the repository key.
    ///   - commonName: the subject, by custom `<fqrn> CernVM-FS Release Managers`.
    ///   - notBefore: unix seconds.
    ///   - notAfter: unix seconds.
    /// - Returns: the certificate.
    /// - Throws: `generationFailed` if libcrypto refuses.
    package static func selfSigned(
        key: RSAPrivateKey,
        commonName: String,
        notBefore: Int64,
        notAfter: Int64
    ) throws(KeyProblem) -> SigningCertificate {
        let failure = KeyProblem(code: .generationFailed, message: "libcrypto could not make a certificate")
        guard let certificate = X509_new() else { throw failure }
        let made = SigningCertificate(taking: certificate)
        let subject = X509_get_subject_name(certificate)
        let name = Array(commonName.utf8)
        guard X509_set_version(certificate, 2) == 1,
            ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), 1) == 1,
            ASN1_TIME_set(X509_getm_notBefore(certificate), Int(notBefore)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(certificate), Int(notAfter)) != nil,
            X509_NAME_add_entry_by_txt(subject, "CN", V_ASN1_UTF8STRING, name, Int32(name.count), -1, 0) == 1,
            X509_set_issuer_name(certificate, subject) == 1,
            X509_set_pubkey(certificate, key.key) == 1,
            X509_sign(certificate, key.key, EVP_sha256()) > 0
        else { throw failure }
        return made
    }

    /// The certificate as a PEM file.
    package var pem: [UInt8] { BIOWriter.bytes { PEM_write_bio_X509($0, certificate) } }

    /// The DER encoding, which fingerprints are taken of.
    package var der: [UInt8] { BIOWriter.bytes { i2d_X509_bio($0, certificate) } }

    /// The public key inside; `nil` if it is not an RSA key.
    package var publicKey: RSAPublicKey? {
        guard let key = X509_get_pubkey(certificate) else { return nil }
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else {
            EVP_PKEY_free(key)
            return nil
        }
        return RSAPublicKey(taking: key)
    }

    /// Whether the public key belongs to `key`.
    package func belongs(to key: RSAPrivateKey) -> Bool {
        X509_check_private_key(certificate, key.key) == 1
    }
}
