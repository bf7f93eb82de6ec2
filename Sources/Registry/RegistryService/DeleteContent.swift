// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import MetadataStore
package import OCISpec

/// Taking tags, manifests and blobs out of a repository.
///
/// They are gone from sight at once; the space is regained by garbage collection.
package struct DeleteContent: Sendable {
    private let stores: RegistryStores

    /// Works on these stores.
    package init(_ stores: RegistryStores) { self.stores = stores }

    /// Removes a tag, or a manifest together with all tags that point to it.
    ///
    /// - Throws: `repositoryUnknown`, `manifestUnknown`, `conditionFailed`.
    package func manifest(
        _ reference: Reference,
        in repository: RepositoryName,
        condition: ContentCondition? = nil,
        by actor: AuditActor
    ) async throws {
        let now = stores.now()
        defer { stores.manifests.forget(repository) }
        try await stores.metadata.write { transaction in
            guard let row = try transaction.repository(named: repository) else {
                throw RegistryProblem.unknown(repository)
            }
            try condition?.check(reference, in: row, transaction)
            let found: Bool
            var tags: [TagName] = []
            var subject: OCIDigest?
            switch reference {
            case .tag(let tag):
                tags = [tag]
                found = try transaction.deleteTag(tag, in: row, at: now)
            case .digest(let digest):
                tags = try transaction.tags(pointingTo: digest, in: row)
                for tag in tags { _ = try transaction.deleteTag(tag, in: row, at: now) }
                subject = try transaction.manifest(digest, in: row)?.subject
                found = try transaction.deleteManifest(digest, in: row)
            }
            try AttachedContent.review(subject: subject, tags: tags, in: row, transaction, at: now)
            guard found else {
                throw RegistryProblem(
                    .manifestUnknown,
                    "the repository '\(repository)' has no manifest '\(reference)'"
                )
            }
            let action = if case .tag = reference { "tag.delete" } else { "manifest.delete" }
            try transaction.audit(action, "\(repository)", "\(reference)", by: actor, at: now)
        }
    }

    /// Takes a blob from a repository.
    ///
    /// - Throws: `blobUnknown`; `blobNeeded` while a manifest of the repository refers to it.
    package func blob(_ digest: OCIDigest, in repository: RepositoryName, by actor: AuditActor) async throws {
        let now = stores.now()
        try await stores.metadata.write { transaction in
            guard let row = try transaction.repository(named: repository),
                try transaction.blobSize(digest, in: row) != nil
            else {
                throw RegistryProblem(.blobUnknown, "the repository '\(repository)' has no blob \(digest)")
            }
            guard try !transaction.isBlobNeeded(digest, in: row) else {
                throw RegistryProblem(
                    .blobNeeded,
                    "a manifest refers to the blob \(digest); delete that first"
                )
            }
            _ = try transaction.unlinkBlob(digest, from: row)
            try transaction.audit("blob.delete", "\(repository)", "\(digest)", by: actor, at: now)
        }
    }
}
