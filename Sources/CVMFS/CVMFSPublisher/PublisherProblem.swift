// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import Problems

/// What can go wrong while a repository is made or written.
package struct PublisherProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case noSuchRepository = "no-such-repository"
        case repositoryExists = "repository-exists"
        case badKeys = "bad-keys"
        case keysReadableByOthers = "keys-readable-by-others"
        case objectMissing = "object-missing"
        case objectCorrupt = "object-corrupt"
        case notADirectory = "not-a-directory"
        case noSuchPath = "no-such-path"
        case lostLease = "lost-lease"
        case inputOutput = "input-output"
        case stopped = "stopped"
        case collected = "collected"
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

    /// What somebody found in a repository was garbage that went before it was used.
    static func collected(_ repository: RepositoryFQRN) -> PublisherProblem {
        PublisherProblem(
            .collected,
            "contents of \(repository) were collected while they were to be used again",
            remedy: "nothing: it is tried again; if it happens often, gc.objectGrace is too short"
        )
    }
}
