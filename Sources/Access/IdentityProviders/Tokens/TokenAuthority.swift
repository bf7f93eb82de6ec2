// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
internal import Foundation
internal import JWTKit
package import MetadataStore
internal import Synchronization

/// Issues short-lived tokens and checks them: JSON web tokens, signed by keys (ES256) that change from time to time.
///
/// The keys are in the database, so that all servers that share it know them. A new one is made when the newest is older
/// than the rotation; an old one is kept as long as a token that it has signed may live.
package actor TokenAuthority {
    /// How tokens are made.
    package struct Configuration: Hashable, Sendable {
        /// Who the tokens are for: this registry's name, also their issuer.
        package var service: String
        package var lifetime: Duration
        package var rotation: Duration

        /// Joins the settings.
        package init(service: String, lifetime: Duration, rotation: Duration) {
            self.service = service
            self.lifetime = lifetime
            self.rotation = rotation
        }
    }

    package nonisolated let configuration: Configuration

    /// Clocks of servers differ a little.
    private static let leewayInSeconds: Int64 = 60
    private static let cacheLimit = 20_000

    private let metadata: any MetadataStore
    private let now: @Sendable () -> Timestamp
    private var keys = JWTKeyCollection()
    private var known: Set<String> = []
    private var signing: TokenKeyRecord?
    /// When the database was last asked for a key that it did not have.
    private var lastReload = Timestamp(millisecondsSince1970: .min)
    private let verified = Mutex<[String: TokenClaims]>([:])

    /// Works with the keys of a database.
    package init(
        _ configuration: Configuration,
        metadata: any MetadataStore,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        self.metadata = metadata
        self.now = now
    }

    /// A token that was issued.
    package struct Issued: Sendable {
        package var token: String
        package var lifetime: Duration
        /// When it was issued.
        package var at: Timestamp
    }

    /// Signs a token.
    ///
    /// - Parameters:
    ///   - reference: on whose behalf.
    ///   - name: the account's name, for people and other registries.
    ///   - scopes: what it is good for.
    /// - Returns: the token, and how long it is good.
    /// - Throws: what the database throws.
    package func issue(_ reference: PrincipalReference, name: String, scopes: [TokenScope]) async throws
        -> Issued
    {
        let moment = now()
        let key = try await currentKey()
        let seconds = moment.secondsSince1970
        let payload = TokenPayload(
            iss: configuration.service,
            sub: name,
            aud: configuration.service,
            exp: seconds + configuration.lifetime.components.seconds,
            nbf: seconds,
            iat: seconds,
            jti: UUID().uuidString.lowercased(),
            access: scopes.map { .init($0) },
            prn: reference.description
        )
        let token = try await keys.sign(payload, kid: JWKIdentifier(string: key.id))
        return Issued(token: token, lifetime: configuration.lifetime, at: moment)
    }

    /// Reads a token that a client has brought.
    ///
    /// - Throws: `badToken` if it was not issued here, is damaged, or has expired.
    package nonisolated func claims(of token: String) async throws -> TokenClaims {
        let seconds = now().secondsSince1970
        if let claims = verified.withLock({ $0[token] }) {
            guard claims.expires > seconds else { throw IdentityProblem(.badToken, "the token has expired") }
            return claims
        }
        guard token.utf8.count <= 32 << 10 else { throw IdentityProblem(.badToken, "the token is too long") }
        let claims = try await verify(token, seconds)
        verified.withLock { verified in
            if verified.count >= Self.cacheLimit { verified = verified.filter { $0.value.expires > seconds } }
            if verified.count >= Self.cacheLimit { verified.removeAll() }
            verified[token] = claims
        }
        return claims
    }

    /// Makes a new key at once; with `revoking`, tokens that older keys have signed end now.
    package func rotate(revoking: Bool) async throws {
        try await makeKey()
        if revoking {
            let moment = now()
            try await metadata.write { try $0.deleteTokenKeys(createdBefore: moment) }
        }
        try await load()
    }

    // MARK: Keys

    private func verify(_ token: String, _ seconds: Int64) async throws -> TokenClaims {
        try await loadIfUnknown(token)
        let payload: TokenPayload
        do {
            payload = try await keys.verify(token, as: TokenPayload.self)
        } catch {
            throw IdentityProblem(.badToken, "the token was not issued here or is damaged", cause: error)
        }
        guard payload.aud == configuration.service, payload.iss == configuration.service,
            let reference = PrincipalReference(payload.prn)
        else { throw IdentityProblem(.badToken, "the token is for another registry") }
        guard payload.exp > seconds, payload.nbf <= seconds + Self.leewayInSeconds else {
            throw IdentityProblem(.badToken, "the token has expired")
        }
        return TokenClaims(principal: reference, scopes: payload.scopes, expires: payload.exp)
    }

    /// Another server may have signed the token with a key that is new; asked for at most once a second.
    private func loadIfUnknown(_ token: String) async throws {
        let header = token.prefix { $0 != "." }
        let padded = header.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - padded.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded + padding),
            let fields = try? JSONDecoder().decode([String: String].self, from: data), let id = fields["kid"]
        else { throw IdentityProblem(.badToken, "the token is damaged") }
        guard !known.contains(id), lastReload.adding(.seconds(1)) <= now() else { return }
        lastReload = now()
        try await load()
    }

    private func currentKey() async throws -> TokenKeyRecord {
        if signing == nil { try await load() }
        if let signing, signing.created > now().before(configuration.rotation) { return signing }
        try await makeKey()
        try await load()
        guard let signing else { throw IdentityProblem(.badToken, "there is no key to sign tokens") }
        return signing
    }

    private func makeKey() async throws {
        let (id, moment) = (UUID().uuidString.lowercased(), now())
        let record = TokenKeyRecord(id: id, pem: ES256PrivateKey().pemRepresentation, created: moment)
        let old = moment.before(configuration.rotation * 2 + configuration.lifetime * 2)
        try await metadata.write { transaction in
            // The one before the newest may have signed until now.
            try transaction.deleteTokenKeys(createdBefore: old)
            try transaction.storeTokenKey(record)
        }
    }

    private func load() async throws {
        let records = try await metadata.read { try $0.tokenKeys() }
        let fresh = JWTKeyCollection()
        for record in records {
            await fresh.add(
                ecdsa: try ES256PrivateKey(pem: record.pem),
                kid: JWKIdentifier(string: record.id)
            )
        }
        keys = fresh
        known = Set(records.map(\.id))
        signing = records.first
        verified.withLock { $0.removeAll() }
    }
}
