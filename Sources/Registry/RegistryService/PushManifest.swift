// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import MetadataStore
package import OCISpec

/// Storing manifests and moving tags.
package struct PushManifest: Sendable {
    private let stores: RegistryStores
    private let sizeLimitInBytes: Int
    private let sparseIndexes: SparseIndexes

    /// Whether an index may name manifests that the repository does not have.
    package enum SparseIndexes: String, CaseIterable, Sendable {
        /// Refused, because a client that picks such a child fails.
        case refuse
        /// Accepted, for copies of an image that were made for some of its platforms only.
        case accept
    }

    /// Works on these stores, with manifests up to a size.
    package init(
        _ stores: RegistryStores,
        sizeLimitInBytes: Int = Manifest.defaultSizeLimit,
        sparseIndexes: SparseIndexes = .refuse
    ) {
        self.stores = stores
        self.sizeLimitInBytes = sizeLimitInBytes
        self.sparseIndexes = sparseIndexes
    }

    /// A manifest as a request brings it.
    package struct Push: Sendable {
        package var repository: RepositoryName
        package var reference: Reference
        package var bytes: [UInt8]
        /// The request's `Content-Type`.
        package var mediaType: String?
        /// More tags to set beside the reference.
        package var tags: [TagName]
        /// Decides by what the reference names now, `nil` if nothing, whether to go on.
        package var condition: ContentCondition?
        /// On whose behalf.
        package var actor: AuditActor

        /// Joins what the request says.
        package init(
            repository: RepositoryName,
            reference: Reference,
            bytes: [UInt8],
            mediaType: String?,
            tags: [TagName] = [],
            condition: ContentCondition? = nil,
            actor: AuditActor
        ) {
            self.repository = repository
            self.reference = reference
            self.bytes = bytes
            self.mediaType = mediaType
            self.tags = tags
            self.condition = condition
            self.actor = actor
        }
    }

    /// What was stored.
    package struct Receipt: Sendable {
        package var digest: OCIDigest
        package var mediaType: String
        /// The manifest that the new one refers to.
        package var subject: OCIDigest?
    }

    /// Checks a manifest, stores it, sets its tags and enqueues their publication, in one transaction.
    ///
    /// - Throws: `OCIProblem` for what is wrong with the document; `digestMismatch`; `conditionFailed`;
    ///   `referenceUnknown` with all that is missing; `referenceSize`.
    package func callAsFunction(_ push: Push) async throws -> Receipt {
        let manifest = try Manifest(
            parsing: push.bytes,
            declaredType: push.mediaType,
            sizeLimit: sizeLimitInBytes
        )
        let digest = try digest(of: push)
        let record = ManifestRecord(
            digest: digest,
            mediaType: manifest.mediaType,
            artifactType: manifest.artifactType,
            configType: manifest.configType,
            subject: manifest.subject?.digest,
            bytes: push.bytes
        )
        var tags = push.tags
        if case .tag(let tag) = push.reference { tags.append(tag) }
        let (allTags, now, sparseIndexes) = (tags, stores.now(), sparseIndexes)
        defer { stores.manifests.forget(push.repository) }
        try await stores.metadata.write { transaction in
            let repository = try transaction.makeRepository(named: push.repository, at: now)
            try push.condition?.check(push.reference, in: repository, transaction)
            try Self.check(manifest, sparseIndexes, in: repository, transaction)
            let references = manifest.references.map { ManifestReference($0.kind, $0.descriptor.digest) }
            try transaction.storeManifest(record, needing: references, in: repository, at: now)
            for tag in allTags { try transaction.setTag(tag, to: digest, in: repository, at: now) }
            try AttachedContent.review(
                subject: record.subject,
                tags: allTags,
                in: repository,
                transaction,
                at: now
            )
            let detail = ([digest.description] + allTags.map(\.description)).joined(separator: " ")
            try transaction.audit("manifest.push", "\(push.repository)", detail, by: push.actor, at: now)
        }
        return Receipt(digest: digest, mediaType: record.mediaType, subject: record.subject)
    }

    private func digest(of push: Push) throws -> OCIDigest {
        guard case .digest(let expected) = push.reference else { return OCIDigest(of: push.bytes) }
        let found = OCIDigest(expected.algorithm, of: push.bytes)
        guard found == expected else {
            throw RegistryProblem(.digestMismatch, "the manifest has the digest \(found), not \(expected)")
        }
        return found
    }

    /// Every content that the manifest needs must be in the repository, with the size that the manifest says.
    private static func check(
        _ manifest: Manifest,
        _ sparseIndexes: SparseIndexes,
        in repository: RepositoryRecord,
        _ transaction: any MetadataTransaction
    ) throws {
        var missing: [OCIDigest] = []
        for (kind, descriptor) in manifest.references {
            var size = try transaction.blobSize(descriptor.digest, in: repository)
            // Build caches list layers as an index's children, so a child may be either.
            if kind == .child {
                size = try transaction.manifestSize(descriptor.digest, in: repository) ?? size
            }
            guard let size else {
                let mayBeMissing = descriptor.isForeign || (kind == .child && sparseIndexes == .accept)
                if !mayBeMissing { missing.append(descriptor.digest) }
                continue
            }
            guard size == descriptor.sizeInBytes else {
                var problem = RegistryProblem(
                    .referenceSize,
                    "the manifest says \(descriptor.sizeInBytes) bytes for \(descriptor.digest), which has \(size)"
                )
                problem.digests = [descriptor.digest]
                throw problem
            }
        }
        guard !missing.isEmpty else { return }
        var problem = RegistryProblem(
            .referenceUnknown,
            "the manifest refers to what the repository does not have"
        )
        problem.digests = missing
        throw problem
    }
}

extension Manifest {
    /// All that the manifest needs, in its own order.
    ///
    /// The subject is not needed: it may come later or never.
    fileprivate var references: [(kind: ManifestReference.Kind, descriptor: Descriptor)] {
        switch content {
        case .image(let image): [(.config, image.config)] + image.layers.map { (.layer, $0) }
        case .index(let index): index.manifests.map { (.child, $0) }
        case .artifact(let blobs, _, _, _): blobs.map { (.blob, $0) }
        }
    }
}
