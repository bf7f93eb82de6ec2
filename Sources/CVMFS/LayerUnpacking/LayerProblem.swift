// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import FileTree
internal import Problems

/// A layer that is refused: it breaks a limit or is not what its image says.
package struct LayerProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case tooManyEntries = "layer-too-many-entries"
        case tooLarge = "layer-too-large"
        case fileTooLarge = "file-too-large"
        case pathTooLong = "path-too-long"
        case nameTooLong = "name-too-long"
        case linkTargetTooLong = "link-target-too-long"
        case attributesTooLarge = "attributes-too-large"
        case wrongDiffID = "diff-id-mismatch"
        case wrongDigest = "blob-digest-mismatch"
        case badIndex = "layer-index-corrupt"
    }

    package let code: Code
    /// The entry, if the problem is with one.
    package let path: TreePath?
    package let detail: String

    package init(_ code: Code, path: TreePath? = nil, _ detail: String) {
        self.code = code
        self.path = path
        self.detail = detail
    }

    package var identifier: String { code.rawValue }

    package var message: String {
        guard let path else { return detail }
        return "\(Self.shortened(path)): \(detail)"
    }

    package var remedy: String? {
        switch code {
        case .tooManyEntries, .tooLarge, .fileTooLarge, .pathTooLong, .attributesTooLarge:
            "split the image, or raise the limit in the server's configuration"
        case .wrongDiffID, .wrongDigest: "build and push the image again"
        case .nameTooLong, .linkTargetTooLong: "no Linux file system can hold this; change the image"
        case .badIndex: "remove the index file; the layer is then read again"
        }
    }

    /// Paths that break a limit would fill the log.
    private static func shortened(_ path: TreePath) -> String {
        let text = path.description
        return text.utf8.count <= 200 ? text : text.prefix(200) + "…"
    }
}
