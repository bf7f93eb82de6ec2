// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why a repository cannot be mounted.
package struct MountProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case noDevice = "no-fuse-device"
        case mountFailed = "mount-failed"
        case unmountFailed = "unmount-failed"
        case handshakeFailed = "fuse-handshake-failed"
        case option = "bad-mount-option"
        case controlFailed = "control-failed"
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
}
