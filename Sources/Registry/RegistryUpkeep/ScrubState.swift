// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import MetadataStore

/// How far a scrub is, and what it found: kept in a file, so that it can be resumed.
package struct ScrubState: Codable, Hashable, Sendable {
    /// The digest of the last blob that was looked at; `nil` before the first and after the last one.
    package var last: String?
    /// How many blobs were looked at.
    package var blobs: Int64 = 0
    /// The sum of their sizes.
    package var bytes: Int64 = 0
    package var found: [ScrubFinding] = []

    /// The beginning.
    package init() {}
}

/// A blob that is not what it should be, and whom that hurts.
package struct ScrubFinding: Codable, Hashable, Sendable {
    package let digest: String
    /// What is wrong: `has the digest sha256:…`.
    package let reason: String
    package let manifests: [ManifestUse]
}
