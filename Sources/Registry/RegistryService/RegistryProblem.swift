// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import OCISpec
internal import Problems

/// Why the registry refuses a request.
package struct RegistryProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case repositoryUnknown = "repository-unknown"
        case blobUnknown = "blob-unknown"
        case blobNeeded = "blob-needed"
        case uploadUnknown = "upload-unknown"
        /// A piece of an upload does not start where the upload stands; `offset` says where that is.
        case uploadOffset = "upload-offset"
        case sizeMismatch = "size-mismatch"
        case manifestUnknown = "manifest-unknown"
        case digestMismatch = "digest-mismatch"
        /// A manifest refers to what the repository does not have; `digests` names it.
        case referenceUnknown = "reference-unknown"
        /// A manifest gives another size than the content has.
        case referenceSize = "reference-size"
        /// The request's condition on what a tag names does not hold.
        case conditionFailed = "condition-failed"
        /// The metadata has a blob that the storage has lost.
        case blobLost = "blob-lost"
    }

    package let code: Code
    package let message: String
    /// The contents that are missing or wrong.
    package var digests: [OCIDigest] = []
    /// Where the upload stands.
    package var offset: Int64?

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var identifier: String { code.rawValue }
    package var remedy: String? { nil }
    package var cause: (any Error)? { nil }

    static func unknown(_ repository: RepositoryName) -> RegistryProblem {
        RegistryProblem(.repositoryUnknown, "there is no repository '\(repository)'")
    }
}
