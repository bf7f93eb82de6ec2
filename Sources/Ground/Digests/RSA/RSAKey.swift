// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import Problems

/// What can go wrong with keys and certificates.
package struct KeyProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case notAKey = "not-a-key"
        case notACertificate = "not-a-certificate"
        case generationFailed = "key-generation-failed"
        case signingFailed = "signing-failed"
    }

    package let code: Code
    package let message: String

    package var identifier: String { code.rawValue }
    package var remedy: String? { nil }
    package var cause: (any Error)? { nil }
}

/// A public RSA key, for the two signature schemes of CVMFS.
///
/// Immutable after initialisation; OpenSSL keys may then be used from several threads.
package final class RSAPublicKey: @unchecked Sendable {
    let key: OpaquePointer

    init(taking key: OpaquePointer) { self.key = key }

    deinit { EVP_PKEY_free(key) }

    /// Reads a PEM file's content ("BEGIN PUBLIC KEY").
    package convenience init(pem: [UInt8]) throws(KeyProblem) {
        let key = pem.withBIO { PEM_read_bio_PUBKEY($0, nil, nil, nil) }
        guard let key, EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else {
            if let key { EVP_PKEY_free(key) }
            throw KeyProblem(code: .notAKey, message: "the text is not a PEM public RSA key")
        }
        self.init(taking: key)
    }

    /// Whether `signature` is RSASSA-PKCS1-v1_5 with SHA-1 over `message`: the manifest's scheme.
    ///
    /// The padding is checked by hand, since a distribution's crypto policy may refuse SHA-1 signatures.
    /// - Source: cvmfs-format B.3; RFC 8017, section 8.2.2.
    package func verifiesSHA1(signature: [UInt8], of message: [UInt8]) -> Bool {
        recover(signature) == Self.sha1DigestInfo + IncrementalDigest.digest(.sha1, of: message)
    }

    /// Undoes a PKCS#1 type 1 operation and returns what was signed, `nil` if the padding is wrong: the whitelist's
    /// scheme.
    ///
    /// - Source: cvmfs-format B.3.
    package func recover(_ signature: [UInt8]) -> [UInt8]? {
        guard let context = EVP_PKEY_CTX_new(key, nil) else { return nil }
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_PKEY_verify_recover_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
        else { return nil }
        var size = Int(EVP_PKEY_get_size(key))
        guard signature.count == size else { return nil }
        var output = [UInt8](repeating: 0, count: size)
        let code = EVP_PKEY_verify_recover(context, &output, &size, signature, signature.count)
        return code == 1 ? Array(output.prefix(size)) : nil
    }

    /// The key as a PEM file.
    package var pem: [UInt8] { BIOWriter.bytes { PEM_write_bio_PUBKEY($0, key) } }

    /// The key in DER (SubjectPublicKeyInfo), for fingerprints.
    package var der: [UInt8] { BIOWriter.bytes { i2d_PUBKEY_bio($0, key) } }

    /// DigestInfo of SHA-1 without the digest itself (RFC 8017, section 9.2, note 1).
    static let sha1DigestInfo: [UInt8] = [
        0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
    ]
}

/// A private RSA key: a repository key or a master key.
package final class RSAPrivateKey: @unchecked Sendable {
    let key: OpaquePointer

    init(taking key: OpaquePointer) { self.key = key }

    deinit { EVP_PKEY_free(key) }

    /// Makes a new key; about a tenth of a second for 2048 bits.
    package static func generate(bits: UInt32 = 2048) throws(KeyProblem) -> RSAPrivateKey {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else {
            throw KeyProblem(code: .generationFailed, message: "libcrypto cannot make RSA keys")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1,
            EVP_PKEY_generate(context, &key) == 1, let key
        else { throw KeyProblem(code: .generationFailed, message: "libcrypto could not make an RSA key") }
        return RSAPrivateKey(taking: key)
    }

    /// Reads a PEM file's content without a passphrase.
    package convenience init(pem: [UInt8]) throws(KeyProblem) {
        guard let key = pem.withBIO({ PEM_read_bio_PrivateKey($0, nil, nil, nil) }) else {
            throw KeyProblem(code: .notAKey, message: "the text is not a PEM private key without passphrase")
        }
        self.init(taking: key)
    }

    /// The key as a PEM file (PKCS#8, not encrypted).
    package var pem: [UInt8] {
        BIOWriter.bytes { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
    }

    /// The public half.
    package var publicKey: RSAPublicKey {
        EVP_PKEY_up_ref(key)
        return RSAPublicKey(taking: key)
    }

    /// Signs the SHA-1 of `message` with RSASSA-PKCS1-v1_5: the manifest's scheme.
    ///
    /// - Source: cvmfs-format B.3.
    package func signSHA1(_ message: [UInt8]) throws(KeyProblem) -> [UInt8] {
        try signRaw(RSAPublicKey.sha1DigestInfo + IncrementalDigest.digest(.sha1, of: message))
    }

    /// Pads `text` by PKCS#1 type 1 and applies the private key, with no DigestInfo: the whitelist's scheme.
    ///
    /// - Source: cvmfs-format B.3.
    package func signRaw(_ text: [UInt8]) throws(KeyProblem) -> [UInt8] {
        let failure = KeyProblem(
            code: .signingFailed,
            message: "libcrypto could not sign \(text.count) bytes"
        )
        guard let context = EVP_PKEY_CTX_new(key, nil) else { throw failure }
        defer { EVP_PKEY_CTX_free(context) }
        var size = Int(EVP_PKEY_get_size(key))
        var output = [UInt8](repeating: 0, count: size)
        guard EVP_PKEY_sign_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1,
            EVP_PKEY_sign(context, &output, &size, text, text.count) == 1
        else { throw failure }
        return Array(output.prefix(size))
    }
}
