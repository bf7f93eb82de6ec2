// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// What can go wrong with the metadata database.
package struct MetadataProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        /// The database was written by a newer Wharf.
        case tooNew = "database-too-new"
        /// The database cannot be opened or is damaged.
        case unusable = "database-unusable"
        /// A row holds what this program never writes.
        case corrupt = "database-corrupt"
        /// The disk is full. What was committed before is whole.
        case outOfSpace = "database-out-of-space"
        /// A repository was to be made in a project that does not exist.
        case projectUnknown = "project-unknown"
        /// A statement failed.
        case failed = "database-failed"
    }

    package let code: Code
    package let message: String
    package let remedy: String?
    package let cause: (any Error)?

    /// Describes one failure.
    package init(_ code: Code, _ message: String, remedy: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    package var identifier: String { code.rawValue }
}
