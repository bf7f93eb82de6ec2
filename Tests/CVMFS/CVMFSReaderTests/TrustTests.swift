// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import CVMFSReader
import Digests
import Foundation
import RepositoryFixtures
import Testing

@Suite("chain of trust")
struct TrustTests {
    let scratch: ScratchDirectory
    let fixture: RepositoryFixture
    let name: RepositoryFQRN

    init() throws {
        scratch = try ScratchDirectory()
        fixture = try RepositoryFixture("trust.example.org", in: scratch)
        name = try #require(RepositoryFQRN("trust.example.org"))
        try fixture.publish([], revision: 3)
    }

    private func file(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: fixture.directory + "/" + name)))
    }

    private func keys() throws -> MasterKeys {
        try MasterKeys(pemFiles: [Array(try Data(contentsOf: URL(fileURLWithPath: fixture.publicKey)))])
    }

    private var now: Int64 { Int64(Date().timeIntervalSince1970) }

    private func code(_ body: () throws -> Void) -> ReaderProblem.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? ReaderProblem)?.code }
    }

    @Test("each fault of a whitelist has a code of its own")
    func whitelist() throws {
        let (list, keys) = (try file(".cvmfswhitelist"), try keys())
        #expect(code { _ = try VerifiedWhitelist(list, repository: name, keys: keys, now: now) } == nil)
        let late = now + 40 * 86400
        #expect(
            code { _ = try VerifiedWhitelist(list, repository: name, keys: keys, now: late) }
                == .expiredWhitelist
        )
        let stranger = try MasterKeys(pemFiles: [try RSAPrivateKey.generate().publicKey.pem])
        #expect(
            code { _ = try VerifiedWhitelist(list, repository: name, keys: stranger, now: now) } == .wrongKey
        )
        let other = try #require(RepositoryFQRN("other.example.org"))
        #expect(
            code { _ = try VerifiedWhitelist(list, repository: other, keys: keys, now: now) } == .nameMismatch
        )
    }

    @Test("no bit of a signed file can be changed")
    func bits() throws {
        let (list, manifest, keys) = (try file(".cvmfswhitelist"), try file(".cvmfspublished"), try keys())
        for position in stride(from: 0, to: list.count, by: 7) {
            var changed = list
            changed[position] ^= 4
            #expect(throws: ReaderProblem.self) {
                try VerifiedWhitelist(changed, repository: name, keys: keys, now: now)
            }
        }
        for position in 0..<(manifest.count - 300) {
            var changed = manifest
            changed[position] ^= 4
            #expect(throws: ReaderProblem.self) { try UnverifiedManifest(changed, repository: name) }
        }
    }

    @Test("no key is a problem of its own, and so is a text that is no key")
    func noKeys() {
        #expect(code { _ = try MasterKeys(pemFiles: []) } == .noKey)
        #expect(code { _ = try MasterKeys(pemFiles: [Array("nonsense".utf8)]) } == .noKey)
    }
}
