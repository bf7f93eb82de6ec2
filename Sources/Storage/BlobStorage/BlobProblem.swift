// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import Problems

/// What can go wrong with the storage of blobs.
package struct BlobProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        /// The content of an upload has another digest than the client said.
        case digestMismatch = "digest-mismatch"
        /// The disk is full. What was stored before is whole.
        case outOfSpace = "out-of-space"
        /// Another request is writing to the same upload.
        case uploadBusy = "upload-busy"
        /// A piece of an upload does not start where the upload stands.
        case wrongOffset = "wrong-offset"
        /// The storage failed in a way that a retry may or may not mend.
        case failed = "storage-failed"
        /// A stored blob is shorter than it was.
        case truncated = "blob-truncated"
        /// The storage is being shut down, or the caller was cancelled.
        case stopped = "storage-stopped"
    }

    package let code: Code
    package let message: String
    package let cause: (any Error)?

    /// Describes one failure.
    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Describes a failed system call; a full disk or quota has a code of its own.
    package init(_ call: SystemCallProblem) {
        self.init(call.isOutOfSpace ? .outOfSpace : .failed, "the blob storage failed", cause: call)
    }

    /// Describes a content that is not what its name says.
    package static func mismatch(expected: OCIDigest, found: OCIDigest) -> BlobProblem {
        BlobProblem(.digestMismatch, "the content has the digest \(found), not \(expected)")
    }

    package var identifier: String { code.rawValue }
    package var remedy: String? { nil }
}
