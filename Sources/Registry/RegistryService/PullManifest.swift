// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
package import MetadataStore
package import OCISpec

/// Reading manifests.
package struct PullManifest: Sendable {
    private let stores: RegistryStores

    /// Works on these stores.
    package init(_ stores: RegistryStores) { self.stores = stores }

    /// The manifest that a tag points to or that has a digest.
    ///
    /// - Throws: `repositoryUnknown`, `manifestUnknown`.
    package func callAsFunction(_ reference: Reference, in repository: RepositoryName) async throws
        -> ManifestRecord
    {
        let (known, mark) = stores.manifests.find(reference, in: repository)
        if let known { return known }
        let manifest = try await read(reference, in: repository)
        if manifest.isUnreferenced {
            // It is not remembered, so that each answer lets its grace begin anew.
            try await renew(manifest, in: repository)
            return manifest
        }
        stores.manifests.remember(manifest, as: reference, in: repository, mark: mark)
        return manifest
    }

    private func renew(_ manifest: ManifestRecord, in repository: RepositoryName) async throws {
        let now = stores.metadata.collectionClock.now()
        let isThere = try await stores.metadata.write { transaction in
            try transaction.repository(named: repository).map {
                try transaction.renewManifest(manifest.digest, in: $0, at: now)
            } ?? false
        }
        guard isThere else {
            throw RegistryProblem(
                .manifestUnknown,
                "the repository '\(repository)' has no manifest '\(manifest.digest)'"
            )
        }
    }

    private func read(_ reference: Reference, in repository: RepositoryName) async throws -> ManifestRecord {
        try await stores.metadata.read { transaction in
            guard let row = try transaction.repository(named: repository) else {
                throw RegistryProblem.unknown(repository)
            }
            let digest: OCIDigest? =
                switch reference {
                case .tag(let tag): try transaction.tag(tag, in: row)
                case .digest(let digest): digest
                }
            guard let manifest = try digest.flatMap({ try transaction.manifest($0, in: row) }) else {
                throw RegistryProblem(
                    .manifestUnknown,
                    "the repository '\(repository)' has no manifest '\(reference)'"
                )
            }
            return manifest
        }
    }
}
