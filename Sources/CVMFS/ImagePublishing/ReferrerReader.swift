// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
package import MetadataStore
package import OCISpec

/// Finds what refers to the manifests of a tag, however it was attached.
///
/// There are three ways: a manifest that names its subject; a tag of the form `sha256-….sig`, `.att` or `.sbom`, as cosign
/// makes them; and children of an index that describe another one, as build tools make them. What refers to a referrer, such as
/// the signature of a bill of materials, is found, too.
/// - Source: OCI distribution specification 1.1, "listing referrers"; cosign, specifications/SIGNATURE_SPEC.md; BuildKit,
///   docs/attestations/attestation-storage.md.
package struct ReferrerReader {
    private let store: any MetadataStore
    private let blobs: BlobReader
    private let repository: RepositoryName

    /// So much is kept of what refers to one tag: what nodes verify is small.
    private static let countLimit = 64
    private static let manifestLimit = 256 << 10
    private static let blobLimit: Int64 = 1 << 20
    private static let totalLimit = 8 << 20

    package init(store: any MetadataStore, blobs: BlobReader, repository: RepositoryName) {
        self.store = store
        self.blobs = blobs
        self.repository = repository
    }

    /// Collects the referrers of a tag's manifests; blobs that are large, missing or damaged are left out.
    package func referrers(of digest: OCIDigest, _ subject: PublicationSubject) throws -> ImageReferrers {
        var found = ImageReferrers()
        found.root = digest
        var total = 0
        var pending = [digest]
        if case .index(let bytes, let images) = subject {
            pending += images.map(\.image.digest)
            for (described, attestation) in Self.attestations(in: bytes) {
                guard let record = try manifest(attestation) else { continue }
                try keep(record, for: described, in: &found, &total)
            }
        }
        var seen: Set<OCIDigest> = []
        while let next = pending.popLast() {
            guard seen.insert(next).inserted else { continue }
            for record in try records(referringTo: next) {
                let isNew = !(found.bySubject[next] ?? []).contains { $0.digest == record.digest }
                guard isNew, try keep(record, for: next, in: &found, &total) else { continue }
                pending.append(record.digest)
            }
        }
        for subject in found.bySubject.keys {
            found.bySubject[subject]?.sort { $0.digest.description < $1.digest.description }
        }
        return found
    }

    // MARK: Finding

    private func records(referringTo digest: OCIDigest) throws -> [ManifestRecord] {
        try store.readBlocking { [repository] transaction in
            guard let row = try transaction.repository(named: repository) else { return [] }
            var records: [ManifestRecord] = []
            var total = 0
            try transaction.walkReferrers(of: digest, in: row, artifactTypes: [], after: nil) { _, record in
                records.append(record)
                total += record.bytes.count
                // The one too many tells that there is more.
                return records.count <= Self.countLimit && total <= Self.totalLimit
            }
            for suffix in ["sig", "att", "sbom"] {
                guard let tag = TagName("\(digest.algorithm.rawValue)-\(digest.encoded).\(suffix)"),
                    let target = try transaction.tag(tag, in: row),
                    let record = try transaction.manifest(target, in: row)
                else { continue }
                records.append(record)
            }
            return records
        }
    }

    private func manifest(_ digest: OCIDigest) throws -> ManifestRecord? {
        try store.readBlocking { [repository] transaction in
            guard let row = try transaction.repository(named: repository) else { return nil }
            return try transaction.manifest(digest, in: row)
        }
    }

    /// The children of an index that describe another child.
    private static func attestations(in index: [UInt8]) -> [(described: OCIDigest, attestation: OCIDigest)] {
        // The index was read before; one that cannot be read has no children.
        guard let manifest = try? Manifest(parsing: index, declaredType: nil),
            case .index(let parsed) = manifest.content
        else { return [] }
        return parsed.manifests.compactMap { child in
            guard child.annotations["vnd.docker.reference.type"] != nil,
                let described = child.annotations["vnd.docker.reference.digest"].flatMap({ OCIDigest($0) })
            else { return nil }
            return (described, child.digest)
        }
    }

    // MARK: Keeping

    @discardableResult
    private func keep(
        _ record: ManifestRecord,
        for subject: OCIDigest,
        in found: inout ImageReferrers,
        _ total: inout Int
    ) throws -> Bool {
        let count = found.bySubject.values.reduce(0) { $0 + $1.count }
        guard count < Self.countLimit, record.bytes.count <= Self.manifestLimit,
            total + record.bytes.count <= Self.totalLimit,
            OCIDigest(record.digest.algorithm, of: record.bytes) == record.digest,
            let manifest = try? Manifest(parsing: record.bytes, declaredType: record.mediaType)
        else {
            found.isCut = true
            return false
        }
        total += record.bytes.count
        var kept: [OCIDigest: [UInt8]] = [:]
        for blob in manifest.payload {
            guard blob.sizeInBytes <= Self.blobLimit, total + Int(blob.sizeInBytes) <= Self.totalLimit,
                let bytes = try? blobs.read(blob.digest, size: blob.sizeInBytes, limit: Self.blobLimit)
            else {
                found.isCut = true
                continue
            }
            kept[blob.digest] = bytes
            total += bytes.count
        }
        found.bySubject[subject, default: []].append(
            ImageReferrers.Referrer(
                digest: record.digest,
                mediaType: record.mediaType,
                artifactType: manifest.artifactType,
                annotations: manifest.annotations,
                bytes: record.bytes,
                blobs: kept
            )
        )
        return true
    }
}

extension Manifest {
    /// The blobs of a manifest that is no index.
    fileprivate var payload: [Descriptor] {
        switch content {
        case .image(let image): [image.config] + image.layers
        case .artifact(let blobs, _, _, _): blobs
        case .index: []
        }
    }
}
