// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// A text or document of the registry's world that breaks its rules.
package struct OCIProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case invalidName = "invalid-name"
        case invalidTag = "invalid-tag"
        case invalidDigest = "invalid-digest"
        case invalidReference = "invalid-reference"
        case invalidRange = "invalid-range"
        case invalidPageSize = "invalid-page-size"
        case invalidJSON = "invalid-json"
        case invalidManifest = "invalid-manifest"
        case invalidConfig = "invalid-config"
        case manifestTooLarge = "manifest-too-large"
    }

    package let code: Code
    package let message: String

    /// Describes one violation; `message` names the thing that is wrong.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var identifier: String { code.rawValue }
    package var remedy: String? { nil }
    package var cause: (any Error)? { nil }
}
