// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// What keeps a collection from running.
package struct CollectionProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        /// Another run is under way.
        case busy
        case noSuchRepository = "no-such-repository"
        case inputOutput = "input-output"
        /// The program is ending; the next run goes on.
        case stopped
    }

    package let code: Code
    package let message: String
    package let remedy: String?
    package let cause: (any Error)?

    /// Says what is wrong.
    package init(_ code: Code, _ message: String, remedy: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    package var identifier: String { code.rawValue }
}
