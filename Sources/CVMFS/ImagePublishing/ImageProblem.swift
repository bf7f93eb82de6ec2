// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why an image cannot be published.
package struct ImageProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case manifestMissing = "manifest-missing"
        case manifestDamaged = "manifest-damaged"
        case blobMissing = "blob-missing"
        case wrongSize = "wrong-size"
        case configTooLarge = "config-too-large"
        case diffIDCount = "diff-id-count"
        case tooManyLayers = "too-many-layers"
        case tooDeep = "index-too-deep"
        case unsafeName = "unsafe-name"
    }

    package let code: Code
    package let message: String
    package let remedy: String?
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, remedy: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    package var identifier: String { code.rawValue }
}
