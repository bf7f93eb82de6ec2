// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// What can go wrong when somebody says who they are.
package struct IdentityProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        /// The name and the secret do not belong together, or the account does not work any more.
        case badCredentials = "bad-credentials"
        /// Too many failures came for this account or from this address.
        case throttled = "login-throttled"
        /// A password cannot be hashed now, for want of memory or because too many wait for it.
        case passwordWork = "password-work"
        /// A token is forged, damaged or too old.
        case badToken = "bad-token"
    }

    package let code: Code
    package let message: String
    package let cause: (any Error)?
    /// For `throttled`, when it is worth to try again.
    package let retryAfter: Duration?

    init(_ code: Code, _ message: String, retryAfter: Duration? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.cause = cause
    }

    package var identifier: String { code.rawValue }
    package var remedy: String? { nil }

    /// One answer for a wrong name and a wrong password, so that names cannot be found out.
    static let badCredentials = IdentityProblem(.badCredentials, "the user name or the password is wrong")

    /// A header that names a scheme which nobody here speaks.
    package static let malformedCredentials = IdentityProblem(
        .badCredentials,
        "the Authorization header is malformed"
    )

    /// A token that outlived what it was issued for.
    package static let endedToken = IdentityProblem(
        .badToken,
        "the account of the token has changed or is gone"
    )
}
