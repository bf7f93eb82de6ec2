// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import IdentityProviders
internal import OCISpec

/// The header that tells a client where to get a token, and for what.
///
/// - Source: RFC 6750, section 3; Docker token authentication.
struct Challenge: Sendable {
    private let realm: String
    private let service: String
    private let scopes: [TokenScope]

    init(_ need: AccessNeed, _ realm: String, service: String) {
        self.realm = realm
        self.service = service
        scopes = need.scopes
    }

    /// The value of `WWW-Authenticate`.
    func header(error: String? = nil) -> String {
        var text = "Bearer realm=\"\(realm)\",service=\"\(service)\""
        if !scopes.isEmpty {
            text += ",scope=\"\(scopes.map(\.description).joined(separator: " "))\""
        }
        if let error { text += ",error=\"\(error)\"" }
        return text
    }

    /// A refusal that a token would mend.
    func refusal(_ message: String, error: String? = nil) -> RegistryError {
        var refusal = RegistryError(.unauthorized, message)
        refusal.challenge = header(error: error)
        return refusal
    }
}

extension RegistryError {
    /// Tells a client that what it says about itself is wrong.
    init(_ problem: IdentityProblem, challenge: Challenge?) {
        switch problem.code {
        case .badCredentials, .badToken:
            self.init(.unauthorized, problem.message)
            self.challenge = challenge?.header(error: problem.code == .badToken ? "invalid_token" : nil)
        case .throttled:
            self.init(.tooManyRequests, problem.message)
            retryAfter = problem.retryAfter
        case .passwordWork:
            self.init(.unavailable, problem.message)
        }
    }
}
