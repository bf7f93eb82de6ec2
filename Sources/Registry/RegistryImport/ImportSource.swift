// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// Another registry's storage, as its files lie on the disk.
///
/// All calls block. Nothing in it is believed: names, digests and documents are checked by whoever imports.
package protocol ImportSource: Sendable {
    /// The repositories that were found, sorted by name.
    func repositories() throws -> [SourceRepository]

    /// What one of them holds.
    func contents(of repository: SourceRepository) throws -> SourceContents

    /// Where the bytes of a blob or manifest should be.
    func path(of digest: OCIDigest, in repository: SourceRepository) -> String
}

/// A repository of the source.
package struct SourceRepository: Hashable, Sendable {
    /// As the source calls it; it may break our grammar.
    package let name: String
    package let directory: String
}

/// What a repository of the source holds.
package struct SourceContents: Sendable {
    /// Names as the source has them.
    package var tags: [(name: String, digest: OCIDigest)] = []
    /// With the type that the source states, where it does.
    package var manifests: [OCIDigest: String?] = [:]
    /// What cannot be understood.
    package var refusals: [(subject: String, reason: String)] = []
}
