// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import MetadataStore
internal import OCISpec

/// Which manifest another one describes, so that what is published of the described one can follow.
enum AttachedContent {
    /// Has those publications looked at again that show what a manifest refers to.
    ///
    /// That is what the pushed or deleted one names as its `subject`, and what the `tags` name that were set or removed: cosign
    /// attaches by tags such as `sha256-….sig`.
    static func review(
        subject: OCIDigest?,
        tags: [TagName],
        in repository: RepositoryRecord,
        _ transaction: any MetadataTransaction,
        at now: Timestamp
    ) throws {
        var described = Set(tags.compactMap { digest(in: $0) })
        if let subject { described.insert(subject) }
        for digest in described.sorted(by: { $0.description < $1.description }) {
            try review(digest, in: repository, transaction, at: now, depth: 0)
        }
    }

    /// What describes a description counts for what that describes: the signature of a bill of materials.
    private static func review(
        _ digest: OCIDigest,
        in repository: RepositoryRecord,
        _ transaction: any MetadataTransaction,
        at now: Timestamp,
        depth: Int
    ) throws {
        try transaction.reviewPublications(showing: digest, in: repository, at: now)
        guard depth < 4, let next = try transaction.manifest(digest, in: repository)?.subject else { return }
        try review(next, in: repository, transaction, at: now, depth: depth + 1)
    }

    /// The digest in a tag of the form `sha256-<64 digits>.sig`.
    ///
    /// - Source: cosign, specifications/SIGNATURE_SPEC.md.
    private static func digest(in tag: TagName) -> OCIDigest? {
        let parts = tag.description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, ["sig", "att", "sbom"].contains(parts[1]),
            let dash = parts[0].firstIndex(of: "-")
        else { return nil }
        return OCIDigest(parts[0].replacingCharacters(at: dash, with: ":"))
    }
}

extension Substring {
    fileprivate func replacingCharacters(at index: Index, with text: String) -> String {
        String(self[..<index]) + text + self[self.index(after: index)...]
    }
}
