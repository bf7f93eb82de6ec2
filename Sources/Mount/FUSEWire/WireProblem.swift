// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why a message from the kernel could not be understood.
package struct WireProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case truncated = "truncated-request"
        case length = "wrong-request-length"
        case name = "malformed-name"
        case version = "unsupported-protocol-version"
    }

    package let code: Code
    package let message: String

    package var identifier: String { code.rawValue }
    package var remedy: String? { nil }
    package var cause: (any Error)? { nil }
}
