// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why the object cache could not do what it was asked for.
///
/// A missing object is no problem but `nil`.
package struct CacheProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case directory = "unusable-cache-directory"
        case write = "cache-write-failed"
        case read = "cache-read-failed"
        case changed = "cached-object-changed"
        case tooMuch = "too-much-pinned"
    }

    package let code: Code
    package let message: String
    package let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var identifier: String { code.rawValue }

    package var remedy: String? {
        switch code {
        case .directory: "name a directory that this user may write, with --cache"
        case .tooMuch: "unpin something, or give the cache a higher limit"
        case .write, .read, .changed: nil
        }
    }
}
