// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
package import BlobStorage
package import CVMFSFormat
package import CVMFSPublisher
package import CompressionCodecs
package import Digests
internal import FileTree
package import LayerUnpacking
package import MetadataStore
internal import OCISpec
internal import Problems
internal import Telemetry
internal import Tracing

/// Brings the published tree of one repository up to date with the registry's tags, one tag at a time.
///
/// All calls block and belong on one thread.
package final class ImagePublisher {
    /// What the publisher works with.
    package struct Configuration: Sendable {
        /// The data directory.
        package var data: String
        /// The CVMFS repository that shows the images.
        package var repository: RepositoryFQRN
        /// The registry's public name, which appears in published paths.
        package var registry: String
        /// How a repository that does not exist yet is made.
        package var profile: CompressionProfile
        package var algorithm: ContentHashAlgorithm
        package var limits: LayerLimits

        package init(
            data: String,
            repository: RepositoryFQRN,
            registry: String,
            profile: CompressionProfile = .compact,
            algorithm: ContentHashAlgorithm = .shake128,
            limits: LayerLimits = LayerLimits()
        ) {
            self.data = data
            self.repository = repository
            self.registry = registry
            self.profile = profile
            self.algorithm = algorithm
            self.limits = limits
        }
    }

    /// What became of one pending tag.
    package enum Outcome: Sendable {
        case published(PublicationRecord)
        case removed(PublicationRecord)
        case unpublished(PublicationRecord)
        case failed(PublicationRecord)
    }

    package let publisher: RepositoryPublisher
    private let configuration: Configuration
    private let store: any MetadataStore
    private let blobs: BlobReader
    private let ingest: LayerIngest
    private let publication: ImagePublication
    private let now: () -> Int64

    /// Opens the repository, or makes it with its keys on first start.
    ///
    /// - Parameters:
    ///   - configuration: names and limits.
    ///   - store: the registry's metadata, with the queue of changed tags.
    ///   - records: the records of published repositories and the content map.
    ///   - storage: the registry's blobs.
    ///   - now: the clock, unix seconds.
    ///   - isStopping: asked between the members of a layer; a true answer ends the work with `stopped`.
    /// - Throws: what the disk and the database throw.
    package init(
        configuration: Configuration,
        store: any MetadataStore,
        records: any PublishedRepositories & ContentMap,
        storage: any BlobStorage,
        now: @escaping () -> Int64,
        isStopping: @escaping @Sendable () -> Bool
    ) throws {
        self.configuration = configuration
        self.store = store
        self.now = now
        let location = RepositoryLocation(data: configuration.data, name: configuration.repository)
        let record = try records.record(of: configuration.repository.name)
        if let record, record.revision > 0 {
            publisher = try RepositoryPublisher.open(location, records: records, map: records, now: now())
        } else {
            publisher = try RepositoryPublisher.create(
                at: location,
                profile: configuration.profile,
                algorithm: configuration.algorithm,
                records: records,
                map: records,
                now: now()
            )
        }
        blobs = BlobReader(storage: storage)
        ingest = LayerIngest(publisher: publisher, limits: configuration.limits, isStopping: isStopping)
        publication = ImagePublication(
            layout: TreeLayout(registry: configuration.registry),
            publisher: publisher,
            builder: ImageTreeBuilder(publisher: publisher)
        )
    }

    /// The tags whose publication is due, oldest first.
    package func pending(limit: Int) throws -> [PublicationRecord] {
        try store.readBlocking { try $0.pendingPublications(limit: limit) }
    }

    /// Brings one tag up to date in a revision of its own.
    ///
    /// An image that is broken is `failed`, and what was published before stays. Everything else that goes wrong — a full
    /// disk, a database that is away, the end of the program — is thrown, and the tag stays pending.
    package func process(_ record: PublicationRecord) throws -> Outcome {
        var record = record
        guard let digest = record.digest else { return .removed(try removed(record)) }
        guard try isPublic(record.repository) else {
            return .unpublished(try unpublished(record, "its project is private"))
        }
        do {
            let subject = try subject(digest, of: record)
            switch subject {
            case .notAnImage(let reason): return .unpublished(try unpublished(record, reason))
            case .image(let image): try ingestLayers(of: [image], for: record)
            case .index(_, let images): try ingestLayers(of: images.map(\.image), for: record)
            }
            return .published(try published(record, subject))
        } catch let problem where Self.isFaultOfImage(problem) {
            record.state = .failed
            record.error = "\(problem)"
            try store.writeBlocking { try $0.finish([record]) }
            return .failed(record)
        }
    }

    // MARK: Steps

    private func subject(_ digest: OCIDigest, of record: PublicationRecord) throws -> PublicationSubject {
        let reader = PublicationSubjectReader(
            lookup: { [store] digest in
                try store.readBlocking { transaction in
                    guard let repository = try transaction.repository(named: record.repository) else {
                        return nil
                    }
                    return try transaction.manifest(digest, in: repository).map { ($0.bytes, $0.mediaType) }
                }
            },
            blobs: blobs,
            layerLimit: configuration.limits.layers
        )
        return try reader.subject(digest)
    }

    /// The tree is open to everybody, so that what only some may pull must never be in it.
    private func isPublic(_ repository: RepositoryName) throws -> Bool {
        try store.readBlocking { try $0.project(named: ProjectName(of: repository))?.isPublic ?? false }
    }

    private func ingestLayers(of images: [PublishableImage], for record: PublicationRecord) throws {
        var layers: [PublishableImage.Layer] = []
        for layer in images.flatMap(\.layers) where !layers.contains(layer) { layers.append(layer) }
        for (done, layer) in layers.enumerated() {
            try store.writeBlocking {
                try $0.updateProgress(
                    repository: record.repository,
                    tag: record.tag,
                    generation: record.generation,
                    state: .ingesting,
                    layersDone: done,
                    layersTotal: layers.count
                )
            }
            try withSpan(SpanName.ingestLayer) { span in
                if span.isRecording { span.attributes[LogKey.blobDigest.name] = "\(layer.blob.digest)" }
                try ingest.ingest(blob: layer.blob.digest, diffID: layer.diffID) {
                    try blobs.open(layer.blob.digest, size: layer.blob.sizeInBytes)
                }
            }
        }
    }

    private func published(
        _ record: PublicationRecord,
        _ subject: PublicationSubject
    ) throws -> PublicationRecord {
        let editor = try publisher.edit(now: now())
        var record = record
        let (repository, tag) = (record.repository, record.tag)
        record.warnings = try withSpan(SpanName.publishImage) { span in
            if span.isRecording {
                span.attributes[LogKey.repositoryName.name] = "\(repository)"
                span.attributes[LogKey.imageTag.name] = "\(tag)"
            }
            return try publication.publish(subject, as: repository, tag, in: editor)
        }
        let manifest = try withSpan(SpanName.commit) { _ in try publisher.commit(editor) }
        record.state = .published
        record.reason = nil
        record.error = nil
        record.publishedRepository = configuration.repository.name
        record.revision = manifest.revision
        record.path = path(of: record)
        record.layersTotal = subject.layerCount
        record.layersDone = subject.layerCount
        return try finish(record)
    }

    private func removed(_ record: PublicationRecord) throws -> PublicationRecord {
        try removeLinks(of: record)
        var record = record
        record.state = .unpublished
        return try finish(record)
    }

    private func unpublished(_ record: PublicationRecord, _ reason: String) throws -> PublicationRecord {
        // An earlier manifest of the tag may have been an image.
        try removeLinks(of: record)
        var record = record
        record.state = .unpublished
        record.reason = reason
        record.error = nil
        record.path = nil
        record.revision = nil
        record.publishedRepository = nil
        return try finish(record)
    }

    private func removeLinks(of record: PublicationRecord) throws {
        let editor = try publisher.edit(now: now())
        try publication.remove(record.repository, record.tag, in: editor)
        try publisher.commit(editor)
    }

    private func finish(_ record: PublicationRecord) throws -> PublicationRecord {
        try store.writeBlocking { try $0.finish([record]) }
        return record
    }

    /// Where users find the image.
    private func path(of record: PublicationRecord) -> String {
        let link = TreeLayout(registry: configuration.registry).link(record.repository, record.tag)
        return "/cvmfs/\(configuration.repository)\(link)"
    }

    /// Whether an error lies in the image, so that trying again is of no use.
    private static func isFaultOfImage(_ error: any Error) -> Bool {
        switch error {
        case let problem as LayerProblem: problem.code != .badIndex
        case is ImageProblem, is OCIProblem: true
        default: LayerIngest.isFaultOfLayer(error)
        }
    }
}

extension PublicationSubject {
    /// The layers of all images, each counted once.
    fileprivate var layerCount: Int {
        switch self {
        case .image(let image): Set(image.layers).count
        case .index(_, let images): Set(images.flatMap(\.image.layers)).count
        case .notAnImage: 0
        }
    }
}
