// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why a backup cannot be made or restored.
package struct BackupProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        /// The place for a backup or for restored data is in use.
        case notEmpty = "not-empty"
        /// What should be a backup is none, is unfinished, or of a newer form.
        case notABackup = "not-a-backup"
        /// A file cannot be read or written.
        case inputOutput = "input-output"
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
