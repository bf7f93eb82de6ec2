// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import JWTKit
internal import OCISpec

/// The claims of a token on the wire.
///
/// - Source: Docker token authentication, "getting a bearer token"; RFC 7519.
struct TokenPayload: JWTPayload {
    /// What is granted, as other registries read it.
    struct Access: Codable {
        var type: String
        var name: String
        var actions: [String]
    }

    var iss: String
    /// The name of the account; empty for nobody.
    var sub: String
    var aud: String
    var exp: Int64
    var nbf: Int64
    var iat: Int64
    var jti: String
    var access: [Access]
    /// The principal by number and version, which only this server reads.
    var prn: String

    /// Times are for `TokenAuthority`, which has the clock.
    func verify(using algorithm: some JWTAlgorithm) async throws {}

    /// Everything that was granted.
    var scopes: [TokenScope] {
        access.compactMap { TokenScope("\($0.type):\($0.name):\($0.actions.joined(separator: ","))") }
    }
}

extension TokenPayload.Access {
    init(_ scope: TokenScope) {
        switch scope.subject {
        case .repository(let name):
            self.init(type: "repository", name: name.description, actions: scope.actions.words)
        case .catalog: self.init(type: "registry", name: "catalog", actions: ["*"])
        }
    }
}
