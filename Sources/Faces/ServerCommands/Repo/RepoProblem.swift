// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why a command on a repository cannot be done.
struct RepoProblem: Problem {
    /// The kinds of problem.
    enum Code: String, CaseIterable, Sendable {
        case badName = "bad-repository-name"
        case badChoice = "bad-choice"
        case noRepository = "no-such-repository"
        case noKey = "no-public-key"
        case noPath = "no-such-path"
        case notAFile = "not-a-file"
        case notADirectory = "not-a-directory"
        case inputOutput = "input-output"
        case refused = "refused-by-server"
    }

    let code: Code
    let message: String
    let remedy: String?
    let cause: (any Error)?

    init(_ code: Code, _ message: String, remedy: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    var identifier: String { code.rawValue }
}
