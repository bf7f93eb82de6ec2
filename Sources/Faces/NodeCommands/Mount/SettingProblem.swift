// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// A setting that makes no sense.
struct SettingProblem: Problem {
    /// The kinds of problem.
    enum Code: String, CaseIterable {
        case repository = "not-a-repository-name"
        case option = "bad-option"
        case mountpoint = "bad-mountpoint"
        case noKey = "no-master-key"
        case noServer = "no-server"
        case cache = "no-such-cache"
        case path = "no-such-path"
        case startFailed = "start-failed"
        case configurationRepository = "no-configuration-repository"
        case notListed = "not-listed"
        case notMounted = "not-mounted"
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
