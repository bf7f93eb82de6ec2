// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why a command of the administrator cannot be done, or what it found.
struct AdminProblem: Problem {
    /// The kinds of problem.
    enum Code: String, CaseIterable, Sendable {
        case noData = "no-data"
        case badState = "bad-state"
        case noPassword = "no-password"
        case noServer = "no-server"
        case notVisible = "not-visible"
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

    /// A directory that no server has used.
    static func noData(in path: String) -> AdminProblem {
        AdminProblem(
            .noData,
            "there is no data of a server in \(path)",
            remedy: "name the server's data directory with --data"
        )
    }
}
