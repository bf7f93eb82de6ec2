// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccessControl
import Foundation
import IdentityProviders
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import Testing

@Suite struct TokenAuthorityTests {
    private static let scopes = TokenScope.list(["repository:team/app:pull,push", "registry:catalog:*"])

    private func isRefused(_ token: String, by authority: TokenAuthority) async -> Bool {
        do {
            _ = try await authority.claims(of: token)
            return false
        } catch {
            return (error as? IdentityProblem)?.code == .badToken
        }
    }

    @Test("a token says what it was issued for, to every server of the database")
    func roundTrip() async throws {
        try await AccessBench.run { bench in
            let reference = PrincipalReference.user(id: 7, credentialVersion: 2)
            let issued = try await bench.services.tokens.issue(reference, name: "alice", scopes: Self.scopes)
            for services in [bench.services, bench.neighbour()] {
                let claims = try await services.tokens.claims(of: issued.token)
                #expect(claims.principal == reference)
                #expect(claims.scopes == Self.scopes)
            }
        }
    }

    @Test("a token ends with its time, also when it was just looked at")
    func expiry() async throws {
        try await AccessBench.run { bench in
            let issued = try await bench.services.tokens.issue(.anonymous, name: "", scopes: [])
            _ = try await bench.services.tokens.claims(of: issued.token)
            bench.advance(.seconds(299))
            _ = try await bench.services.tokens.claims(of: issued.token)
            bench.advance(.seconds(1))
            #expect(await isRefused(issued.token, by: bench.services.tokens))
            #expect(await isRefused(issued.token, by: bench.neighbour().tokens))
        }
    }

    @Test("forged, damaged and foreign tokens are refused")
    func forged() async throws {
        try await AccessBench.run { bench in
            let token = try await bench.services.tokens.issue(.anonymous, name: "", scopes: Self.scopes).token
            let parts = token.split(separator: ".").map(String.init)
            let none = Data(#"{"alg":"none","typ":"JWT","kid":"x"}"#.utf8).base64EncodedString()
                .replacing("=", with: "")
            let flipped = parts[2].replacing(
                parts[2].prefix(4),
                with: parts[2].hasPrefix("AAAA") ? "BBBB" : "AAAA"
            )
            let bad = [
                "", ".", "..", "x.y.z", parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".",
                none + "." + parts[1] + ".", none + "." + parts[1] + "." + parts[2],
                parts[0] + "." + parts[1] + "." + flipped, parts[0] + "." + parts[1] + "x." + parts[2],
                String(repeating: "a", count: 40_000), "ü.ü.ü",
            ]
            for text in bad {
                #expect(await isRefused(text, by: bench.services.tokens), "\(text.prefix(40))")
            }
            try await AccessBench.run { other in
                let foreign = try await other.services.tokens.issue(.anonymous, name: "", scopes: []).token
                #expect(await isRefused(foreign, by: bench.services.tokens))
            }
        }
    }

    @Test("keys change with time, and tokens of the one before go on working")
    func rotation() async throws {
        try await AccessBench.run { bench in
            let tokens = bench.services.tokens
            _ = try await tokens.issue(.anonymous, name: "", scopes: [])
            bench.advance(.seconds(30 * 86_400 - 10))
            let old = try await tokens.issue(.anonymous, name: "", scopes: []).token
            bench.advance(.seconds(20))
            let new = try await tokens.issue(.anonymous, name: "", scopes: []).token
            #expect(try await bench.metadata.read { try $0.tokenKeys().count } == 2)
            #expect(old.prefix { $0 != "." } != new.prefix { $0 != "." })
            _ = try await tokens.claims(of: old)
            _ = try await bench.neighbour().tokens.claims(of: old)
            // So long after it has signed its last token, a key is of no use.
            bench.advance(.seconds(61 * 86_400))
            _ = try await tokens.issue(.anonymous, name: "", scopes: [])
            #expect(try await bench.metadata.read { try $0.tokenKeys().count } == 1)
        }
    }

    @Test("keys that are revoked end the tokens that they have signed, on every server")
    func revocation() async throws {
        try await AccessBench.run { bench in
            let neighbour = bench.neighbour()
            let token = try await bench.services.tokens.issue(.anonymous, name: "", scopes: []).token
            bench.advance(.seconds(2))
            try await bench.services.tokens.rotate(revoking: true)
            #expect(await isRefused(token, by: bench.services.tokens))
            #expect(await isRefused(token, by: neighbour.tokens))
            let fresh = try await bench.services.tokens.issue(.anonymous, name: "", scopes: []).token
            _ = try await neighbour.tokens.claims(of: fresh)
        }
    }

    @Test("a refresh token stands for its account until the password changes or its time is over")
    func refresh() async throws {
        try await AccessBench.run { bench in
            let reference = try await bench.account("alice")
            let tokens = bench.services.refreshTokens
            let token = try #require(try await tokens.issue(reference))
            #expect(try await tokens.reference(token) == reference)
            #expect(try await tokens.issue(.anonymous) == nil)
            #expect(try await tokens.issue(.robot(id: 1, credentialVersion: 1)) == nil)
            await #expect(throws: IdentityProblem.self) { _ = try await tokens.reference(token + "0") }
            try await bench.change("alice") { $0.isDisabled = false }
            #expect(try await bench.services.directory.principal(tokens.reference(token)) == nil)
            bench.advance(.seconds(91 * 86_400))
            await #expect(throws: IdentityProblem.self) { _ = try await tokens.reference(token) }
        }
    }
}
