// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why nothing can be imported from a directory.
package struct ImportProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        /// The directory is not what it is said to be.
        case notASource = "not-a-source"
        /// A name for the repository is missing or malformed.
        case noName = "no-repository-name"
        /// A file of the source cannot be read or is not what it should be.
        case unreadable = "unreadable"
    }

    package let code: Code
    package let message: String
    package let remedy: String?
    package let cause: (any Error)?

    init(_ code: Code, _ message: String, remedy: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    package var identifier: String { code.rawValue }
}
