// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// An error that a person can act on: what happened, to what, what to do about it, and what caused it.
///
/// Each room throws its own struct `<Subject>Problem` that conforms to this protocol; its `code` is a plain enum,
/// so that the faces (HTTP, FUSE, command line) can map it in one exhaustive switch.
package protocol Problem: Error, CustomStringConvertible, Sendable {
    /// A stable kebab-case identifier of the kind of problem, for JSON and tests.
    var identifier: String { get }

    /// One sentence that names the thing, without a final full stop.
    var message: String { get }

    /// What the reader can do, or `nil` where nobody can act.
    var remedy: String? { get }

    /// The error below this one.
    var cause: (any Error)? { get }
}

extension Problem {
    package var remedy: String? { nil }
    package var cause: (any Error)? { nil }

    /// The message, the causes, and the remedies, in one line: `A: B; try C`.
    package var description: String {
        var text = message
        var advice = remedy
        var next = cause
        while let error = next {
            if let problem = error as? any Problem {
                text += ": " + problem.message
                advice = advice ?? problem.remedy
                next = problem.cause
            } else {
                text += ": \(error)"
                next = nil
            }
        }
        guard let advice else { return text }
        return text + "; " + advice
    }
}
