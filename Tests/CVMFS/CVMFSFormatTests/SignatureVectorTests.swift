// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import CompressionCodecs
import Digests
import Foundation
import Testing

/// The letters of the interoperability vectors, made anew with the toy keys.
///
/// - Source: cvmfs-format B.2, B.3, J.8.
@Suite struct SignatureVectorTests {
    private let master: RSAPrivateKey
    private let repository: RSAPrivateKey
    private let certificate: SigningCertificate

    init() throws {
        master = try RSAPrivateKey(pem: Self.fixture("master.key"))
        repository = try RSAPrivateKey(pem: Self.fixture("repository.key"))
        certificate = try SigningCertificate(pem: Self.fixture("repository.crt"))
    }

    private static func fixture(_ name: String) throws -> [UInt8] {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return [UInt8](try Data(contentsOf: url.appending(path: "Fixtures/signature-vectors/\(name)")))
    }

    private let manifestText = Array(
        """
        C600230b0ba7620426f2e898f1e1f43c5466efe59
        B26624
        Rd41d8cd98f00b204e9800998ecf8427e
        D240
        S3
        Gyes
        Ano
        Ntest.example.org
        X3009bffa8d917c4e62ee566d118a145588f5e968
        Hc5a976de7b5231fa616fbeac8a2d2805c1e84ee2
        T1700000000
        Y0123456789abcdef0123456789abcdef01234567

        """.utf8
    )

    private func sha256(_ bytes: [UInt8]) -> String {
        Hexadecimal.text(of: IncrementalDigest.digest(.sha256, of: bytes))
    }

    @Test("the certificate has the fingerprints of the vectors, and belongs to the repository key")
    func fingerprints() {
        #expect(certificate.der.count == 745 && certificate.belongs(to: repository))
        #expect(!certificate.belongs(to: master))
        let expected: [(ContentHashAlgorithm, String)] = [
            (.sha1, "23:6C:0C:1D:CE:E6:87:AB:59:1C:EA:47:08:B9:23:24:15:0F:0D:25"),
            (.rmd160, "3C:D1:36:59:46:D7:9C:39:94:F2:31:B0:64:1F:CF:13:DA:6C:69:8A-RMD160"),
            (.shake128, "5D:C0:8C:79:0C:8E:F6:4B:3E:AE:1D:83:24:18:65:17:81:94:B1:CB-SHAKE128"),
        ]
        for (algorithm, text) in expected {
            let fingerprint = CertificateFingerprint(algorithm, of: certificate)
            #expect(fingerprint.description == text)
            #expect(CertificateFingerprint(line: text + " # comment") == fingerprint)
            #expect(CertificateFingerprint(line: text.lowercased().filter { $0 != ":" }) == fingerprint)
        }
    }

    @Test("the certificate's object has the name of the vectors")
    func certificateObject() {
        let object = ObjectCompressor(.identical).compress(certificate.pem)
        #expect(object.count == 822)
        #expect(ContentHash(.sha1, of: object).description == "3009bffa8d917c4e62ee566d118a145588f5e968")
    }

    @Test("the signed manifest is the file of the vectors, byte for byte")
    func manifestLetter() throws {
        #expect(manifestText.count == 256)
        let letter = try SignedLetter(text: manifestText, algorithm: .sha1) { (text) throws(KeyProblem) in
            try repository.signSHA1(text)
        }
        #expect(letter.hash.description == "a1354bc3a4cea79e4a74195ef301b85fd5a3324e")
        #expect(Hexadecimal.text(of: letter.signature.prefix(16)) == "4ed1e8bdb2657c7f3ef4be5799f15448")
        #expect(
            sha256(letter.signature) == "0f5acd2a1f2f64da27feb0a3767f273dc50c1f3c18b487a7abdc0aef878d0ca7"
        )
        #expect(letter.encoded.count == 556)
        #expect(sha256(letter.encoded) == "9eb639ebbaa5b3d45cb8a11b5b0b6c6e536fda2f60e0783765e232d52d6688a5")
        let read = try SignedLetter(letter.encoded)
        let key = try #require(certificate.publicKey)
        #expect(key.verifiesSHA1(signature: read.signature, of: read.signedText))
        #expect(!master.publicKey.verifiesSHA1(signature: read.signature, of: read.signedText))
    }

    @Test("the manifest of the vectors is read and written without a change")
    func manifestRoundTrip() throws {
        let manifest = try PublishedManifest(text: manifestText)
        #expect(manifest.revision == 3 && manifest.rootCatalogSize == 26624 && manifest.timeToLive == 240)
        #expect(manifest.isGarbageCollectable && !manifest.hasAlternativeLinks)
        #expect(manifest.repository == "test.example.org" && manifest.timestamp == 1_700_000_000)
        #expect(manifest.metainfo == nil)
        #expect(manifest.text == manifestText)
    }

    @Test("the signed whitelist is the file of the vectors, byte for byte")
    func whitelistLetter() throws {
        let list = Whitelist(
            created: CalendarTime(unixSeconds: 1_704_067_200),
            expires: CalendarTime(unixSeconds: 1_706_659_200),
            repository: "test.example.org",
            fingerprints: [CertificateFingerprint(.sha1, of: certificate)]
        )
        #expect(list.text.count == 109)
        let letter = try SignedLetter(text: list.text, algorithm: .sha1) { (text) throws(KeyProblem) in
            try master.signRaw(text)
        }
        #expect(letter.hash.description == "505d13fb9fe8f843210c4d0e793018c99f114e35")
        #expect(
            sha256(letter.signature) == "435ea3534a391083c05f8b72307310645737437a795cc94f4509b5b36388740d"
        )
        #expect(letter.encoded.count == 409)
        #expect(sha256(letter.encoded) == "ec2faac2109eda8f55e9c27b78479e2e672039cea5378e6c8769558ae3878ce4")
        #expect(master.publicKey.recover(letter.signature) == letter.signedText)
        #expect(repository.publicKey.recover(letter.signature) != letter.signedText)
        #expect(try Whitelist(text: letter.text) == list)
    }

    @Test("the hash of a letter in another algorithm bears its name")
    func otherAlgorithm() throws {
        let first = String(decoding: manifestText, as: UTF8.self).split(separator: "\n")[0]
        let text = String(decoding: manifestText, as: UTF8.self)
            .replacing(first, with: "C600230b0ba7620426f2e898f1e1f43c5466efe59-shake128")
        #expect(
            ContentHash(.shake128, of: Array(text.utf8)).description
                == "c6e43593fa8db9da2bf2493a688b718691449ce0-shake128"
        )
    }
}
