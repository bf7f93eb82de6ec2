// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import Digests
internal import MetadataStore
internal import OCISpec
internal import Problems

/// The import of one repository.
final class RepositoryImport {
    private(set) var report: ImportReport

    private let repository: SourceRepository
    private let name: RepositoryName
    private let source: any ImportSource
    private let target: ImportTarget
    private let options: ImportRegistry.Options
    private let onProgress: (String, ImportReport) -> Void
    private var outcomes: [OCIDigest: Outcome] = [:]

    /// Nested indexes are rare, and deeper ones than this are made to hurt.
    private static let depthLimit = 16

    private enum Outcome {
        case stored
        /// The source does not have it.
        case missing
        case refused(String)

        var reason: String? {
            switch self {
            case .stored: nil
            case .missing: "its file is missing"
            case .refused(let reason): reason
            }
        }
    }

    init(
        _ repository: SourceRepository,
        as name: RepositoryName,
        from source: any ImportSource,
        to target: ImportTarget,
        options: ImportRegistry.Options,
        report: ImportReport,
        onProgress: @escaping (String, ImportReport) -> Void
    ) {
        self.repository = repository
        self.name = name
        self.source = source
        self.target = target
        self.options = options
        self.report = report
        self.onProgress = onProgress
    }

    func run() throws {
        let contents = try source.contents(of: repository)
        for refusal in contents.refusals { refuse(refusal.subject, refusal.reason) }
        for (digest, type) in contents.manifests.sorted(by: { $0.key.description < $1.key.description }) {
            let outcome = try importManifest(digest, declaredType: type, depth: 0)
            if let reason = outcome.reason { refuse("manifest \(digest)", reason) }
        }
        for start in stride(from: 0, to: contents.tags.count, by: 1000) {
            try importTags(contents.tags[start..<min(start + 1000, contents.tags.count)])
        }
    }

    // MARK: Tags

    /// Sets tags, many in one transaction: each transaction waits for the disk.
    private func importTags(_ tags: ArraySlice<(name: String, digest: OCIDigest)>) throws {
        var wanted: [(TagName, OCIDigest)] = []
        for (text, digest) in tags {
            if let tag = TagName(text) {
                if let reason = outcomes[digest]?.reason {
                    refuse("tag \(tag)", "its manifest was refused: \(reason)")
                } else {
                    wanted.append((tag, digest))
                }
            } else {
                refuse("tag \(text)", "it breaks the grammar of tags")
            }
        }
        guard !wanted.isEmpty else { return }
        let (name, now, keeps) = (name, target.now(), options.keepsTags)
        let count = try target.metadata.writeBlocking { transaction in
            let row = try transaction.makeRepository(named: name, at: now)
            var count = 0
            for (tag, digest) in wanted {
                let current = try transaction.tag(tag, in: row)
                guard current != digest, current == nil || !keeps else { continue }
                try transaction.setTag(tag, to: digest, in: row, at: now)
                count += 1
            }
            return count
        }
        report.tags += count
        report.tagsKept += wanted.count - count
    }

    // MARK: Manifests

    private func importManifest(_ digest: OCIDigest, declaredType: String?, depth: Int) throws -> Outcome {
        if let known = outcomes[digest] { return known }
        let outcome = try newOutcome(of: digest, declaredType: declaredType, depth: depth)
        outcomes[digest] = outcome
        onProgress(repository.name, report)
        return outcome
    }

    private func newOutcome(of digest: OCIDigest, declaredType: String?, depth: Int) throws -> Outcome {
        guard depth < Self.depthLimit else { return .refused("indexes are nested too deep") }
        let isPresent = try target.metadata.readBlocking { transaction in
            try transaction.repository(named: name).flatMap { try transaction.manifestSize(digest, in: $0) }
                != nil
        }
        if isPresent {
            report.manifestsPresent += 1
            return .stored
        }
        let path = source.path(of: digest, in: repository)
        guard SourceFiles.exists(path) else { return .missing }
        let (manifest, bytes): (Manifest, [UInt8])
        do {
            bytes = try SourceFiles.bytes(of: path, limit: options.manifestSizeLimitInBytes)
            let found = OCIDigest(digest.algorithm, of: bytes)
            guard found == digest else { return .refused("its content has the digest \(found)") }
            manifest = try Manifest(
                parsing: bytes,
                declaredType: declaredType,
                sizeLimit: options.manifestSizeLimitInBytes
            )
        } catch let problem as any Problem {
            return .refused(problem.message)
        }
        var blobs: [OCIDigest: Int64] = [:]
        for need in manifest.needs {
            if let reason = try importNeed(need, into: &blobs, depth: depth) { return .refused(reason) }
        }
        try store(manifest, digest, bytes, blobs)
        report.manifests += 1
        return .stored
    }

    /// Imports what a manifest names; returns why that cannot be done.
    private func importNeed(
        _ need: (kind: ManifestReference.Kind, descriptor: Descriptor),
        into blobs: inout [OCIDigest: Int64],
        depth: Int
    ) throws -> String? {
        let digest = need.descriptor.digest
        // Build caches list layers as an index's children.
        if need.kind == .child, MediaType.isManifest(need.descriptor.mediaType) {
            let type = need.descriptor.mediaType
            switch try importManifest(digest, declaredType: type, depth: depth + 1) {
            case .stored: return nil
            case .missing where options.allowsSparseIndexes:
                report.childrenMissing += 1
                return nil
            case .missing:
                return "the source lacks \(digest), which it names; --allow-sparse takes it nevertheless"
            case .refused(let reason): return "\(digest), which it names, was refused: \(reason)"
            }
        }
        switch try importBlob(digest) {
        case .success(let size):
            guard size == need.descriptor.sizeInBytes else {
                return "it says \(need.descriptor.sizeInBytes) bytes for \(digest), which has \(size)"
            }
            blobs[digest] = size
            return nil
        case .failure(let refusal):
            return need.descriptor.isForeign ? nil : "the blob \(digest) " + refusal.reason
        }
    }

    private func store(
        _ manifest: Manifest,
        _ digest: OCIDigest,
        _ bytes: [UInt8],
        _ blobs: [OCIDigest: Int64]
    ) throws {
        let record = ManifestRecord(
            digest: digest,
            mediaType: manifest.mediaType,
            artifactType: manifest.artifactType,
            configType: manifest.configType,
            subject: manifest.subject?.digest,
            bytes: bytes
        )
        let references = manifest.needs.map { ManifestReference($0.kind, $0.descriptor.digest) }
        let (name, now) = (name, target.now())
        try target.metadata.writeBlocking { transaction in
            let row = try transaction.makeRepository(named: name, at: now)
            for (blob, size) in blobs { try transaction.linkBlob(blob, size: size, to: row, at: now) }
            try transaction.storeManifest(record, needing: references, in: row, at: now)
        }
    }

    // MARK: Blobs

    private struct BlobRefusal: Error {
        let reason: String
    }

    /// Imports a blob, or says why not.
    ///
    /// A full disk and the like are thrown: going on would refuse everything.
    private func importBlob(_ digest: OCIDigest) throws -> Result<Int64, BlobRefusal> {
        if let size = target.blobs.sizeBlocking(of: digest) {
            report.blobsPresent += 1
            return .success(size)
        }
        do {
            let path = source.path(of: digest, in: repository)
            guard let (size, way) = try target.blobs.adoptBlocking(path, as: digest) else {
                return .failure(BlobRefusal(reason: "is missing"))
            }
            switch way {
            case .present: report.blobsPresent += 1
            case .linked: report.blobsLinked += 1
            case .copied: report.blobsCopied += 1
            }
            if way != .present { report.bytes += size }
            onProgress(repository.name, report)
            return .success(size)
        } catch let problem where problem.code == .digestMismatch {
            return .failure(BlobRefusal(reason: "is damaged: " + problem.message))
        }
    }

    private func refuse(_ subject: String, _ reason: String) {
        report.refused.append(
            ImportReport.Refusal(repository: repository.name, subject: subject, reason: reason)
        )
    }
}

extension Manifest {
    /// All that the manifest needs, in its own order; the subject may come later or never.
    fileprivate var needs: [(kind: ManifestReference.Kind, descriptor: Descriptor)] {
        switch content {
        case .image(let image): [(.config, image.config)] + image.layers.map { (.layer, $0) }
        case .index(let index): index.manifests.map { (.child, $0) }
        case .artifact(let blobs, _, _, _): blobs.map { (.blob, $0) }
        }
    }
}
