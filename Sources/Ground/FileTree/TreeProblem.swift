// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// A layer that cannot be applied to the tree below it.
package struct TreeProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case hardLinkToNothing = "hard-link-to-nothing"
        case hardLinkToDirectory = "hard-link-to-directory"
        case tooManyLinks = "too-many-symbolic-links"
        case tooManyEntries = "too-many-entries"
        case tooManySteps = "too-many-path-steps"
        case tooMuchText = "too-much-text"
    }

    package let code: Code
    package let path: TreePath

    package init(_ code: Code, _ path: TreePath) {
        self.code = code
        self.path = path
    }

    package var identifier: String { code.rawValue }

    package var message: String {
        switch code {
        case .hardLinkToNothing: "the hard link \(path) names an entry that does not exist"
        case .hardLinkToDirectory: "the hard link \(path) names a directory"
        case .tooManyLinks: "the path \(path) leads through more than 255 symbolic links"
        case .tooManyEntries: "the image has more entries than a tree may have, at \(path)"
        case .tooManySteps: "the paths of the image are too long a way through its links, at \(path)"
        case .tooMuchText: "the names, links and attributes of the image have too many bytes, at \(path)"
        }
    }
}
