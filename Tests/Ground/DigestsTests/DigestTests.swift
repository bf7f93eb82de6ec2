// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Testing

@Suite struct DigestTests {
    @Test(
        "the content hashes of the interoperability vectors come out",
        arguments: [
            (ContentHashAlgorithm.sha1, "22596363b3de40b06f981fb85d82312e8c0ed511"),
            (.rmd160, "a915519a9fb5cee65a56ad04123ccaa34485067c-rmd160"),
            (.shake128, "37d6c4dad1d36a34dfefaab9407acadffdba3568-shake128"),
        ]
    )
    func contentHash(algorithm: ContentHashAlgorithm, expected: String) {
        let hash = ContentHash(algorithm, of: Array("hello world\n".utf8))
        #expect(hash.description == expected)
        #expect(ContentHash(expected) == hash)
    }

    @Test("a snapshot does not disturb the hash")
    func snapshot() {
        let hasher = IncrementalDigest(.sha256)
        hasher.update(Array("hello ".utf8))
        _ = hasher.snapshot()
        hasher.update(Array("world".utf8))
        #expect(hasher.byteCount == 11)
        #expect(hasher.finish() == IncrementalDigest.digest(.sha256, of: Array("hello world".utf8)))
        #expect(hasher.byteCount == 0)
    }

    @Test(
        "a malformed digest is refused",
        arguments: [
            "", "sha256", "sha256:", "sha256:deadbeef", "md5:d41d8cd98f00b204e9800998ecf8427e",
            "sha256:" + String(repeating: "AB", count: 32), "sha256:../../../../etc/passwd",
            "sha256:" + String(repeating: "0", count: 65),
        ]
    )
    func malformed(text: String) {
        #expect(OCIDigest(text) == nil)
    }

    @Test("object paths put the suffix letter last")
    func objectPath() throws {
        let hash = try #require(ContentHash("ff338ab3cdd35a16eaf746dbbf97ca8b715f478a-shake128"))
        #expect(hash.objectPath(.catalog) == "data/ff/338ab3cdd35a16eaf746dbbf97ca8b715f478a-shake128C")
        #expect(hash.objectPath(.file) == "data/ff/338ab3cdd35a16eaf746dbbf97ca8b715f478a-shake128")
    }

    @Test("both signature schemes verify what they signed, and nothing else")
    func signatures() throws {
        let key = try RSAPrivateKey.generate()
        let text = Array("a1354bc3a4cea79e4a74195ef301b85fd5a3324e".utf8)
        let manifest = try key.signSHA1(text)
        let whitelist = try key.signRaw(text)
        let publicKey = try RSAPublicKey(pem: key.publicKey.pem)
        #expect(publicKey.verifiesSHA1(signature: manifest, of: text))
        #expect(!publicKey.verifiesSHA1(signature: whitelist, of: text))
        #expect(publicKey.recover(whitelist) == text)
        #expect(try RSAPrivateKey.generate().publicKey.recover(whitelist) != text)
        let again = try RSAPrivateKey(pem: key.pem)
        #expect(again.publicKey.der == publicKey.der)
    }

    @Test("a certificate belongs to the key that made it")
    func certificate() throws {
        let key = try RSAPrivateKey.generate()
        let certificate = try SigningCertificate.selfSigned(
            key: key,
            commonName: "test.example.org CernVM-FS Release Managers",
            notBefore: 1_700_000_000,
            notAfter: 1_800_000_000
        )
        let read = try SigningCertificate(pem: certificate.pem)
        #expect(read.der == certificate.der)
        #expect(read.belongs(to: key))
        #expect(read.publicKey?.der == key.publicKey.der)
    }
}
