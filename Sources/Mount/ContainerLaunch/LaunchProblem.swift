// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why a container did not run.
///
/// The exit status is the one that other container tools use for the same.
package struct LaunchProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case notFound = "image-not-found"
        case badReference = "bad-reference"
        case noConfig = "no-image-config"
        case noCommand = "no-command"
        case unknownUser = "unknown-user"
        case noRuntime = "no-container-runtime"
        case setUp = "container-setup-failed"
        case commandNotExecutable = "command-not-executable"
        case commandNotFound = "command-not-found"
    }

    package let code: Code
    package let message: String
    package let remedy: String?
    package let cause: (any Error)?

    /// Describes a problem.
    package init(_ code: Code, _ message: String, remedy: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    package var identifier: String { code.rawValue }

    /// 127 for a command that does not exist, 126 for one that cannot be run, 125 for everything before that.
    package var exitStatus: Int32 {
        switch code {
        case .commandNotFound: 127
        case .commandNotExecutable: 126
        case .notFound, .badReference, .noConfig, .noCommand, .unknownUser, .noRuntime, .setUp: 125
        }
    }
}
