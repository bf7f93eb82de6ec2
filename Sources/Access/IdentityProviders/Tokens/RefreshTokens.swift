// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
internal import Digests
internal import Foundation
package import MetadataStore

/// Long-lived tokens that stand for an account's password in the store of a client.
///
/// They end with the account, with its password, and after a time without use.
package struct RefreshTokens: Sendable {
    private let metadata: any MetadataStore
    private let service: String
    private let lifetime: Duration
    private let now: @Sendable () -> Timestamp

    /// Issues tokens for a service that live so long.
    package init(
        metadata: any MetadataStore,
        service: String,
        lifetime: Duration,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.metadata = metadata
        self.service = service
        self.lifetime = lifetime
        self.now = now
    }

    /// Makes a token for an account; `nil` for whoever has none.
    package func issue(_ reference: PrincipalReference) async throws -> String? {
        guard case .user(let id, let version) = reference else { return nil }
        var generator = SystemRandomNumberGenerator()
        let token = Hexadecimal.text(of: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let moment = now()
        let record = RefreshTokenRecord(
            hash: Self.hash(token),
            accountID: id,
            service: service,
            credentialVersion: version,
            expires: moment.adding(lifetime)
        )
        try await metadata.write { transaction in
            try transaction.deleteRefreshTokens(expiredAt: moment)
            try transaction.storeRefreshToken(record)
        }
        return token
    }

    /// The account for which a token was issued.
    ///
    /// - Throws: `badCredentials` if it was not issued here or has ended.
    package func reference(_ token: String) async throws -> PrincipalReference {
        let moment = now()
        let record = try await metadata.read { try $0.refreshToken(Self.hash(token)) }
        guard let record, record.service == service, moment < record.expires else {
            throw IdentityProblem(.badCredentials, "the refresh token is not known or has expired")
        }
        return .user(id: record.accountID, credentialVersion: record.credentialVersion)
    }

    private static func hash(_ token: String) -> String {
        Hexadecimal.text(of: IncrementalDigest.digest(.sha256, of: Array(token.utf8)))
    }
}
