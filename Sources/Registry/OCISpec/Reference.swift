// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What names a manifest within a repository: a tag or a digest.
package enum Reference: Hashable, Sendable, CustomStringConvertible {
    case tag(TagName)
    case digest(OCIDigest)

    /// Reads the last segment of a manifest's URL.
    ///
    /// A text with a colon is a digest, since tags hold none.
    package init(_ text: String) throws(OCIProblem) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let digest = OCIDigest(text) else {
                throw OCIProblem(.invalidDigest, "the digest is malformed or its algorithm is not supported")
            }
            self = .digest(digest)
        } else {
            guard let tag = TagName(text) else {
                throw OCIProblem(.invalidTag, "the tag breaks the grammar [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
            }
            self = .tag(tag)
        }
    }

    package var description: String {
        switch self {
        case .tag(let tag): tag.description
        case .digest(let digest): digest.description
        }
    }
}
