// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import CVMFSPublisher
import Digests
import FileTree
import Foundation
import ImagePublishing
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import RepositoryFixtures
import Testing

/// A registry, and the publisher that shows its images, in a directory of their own.
final class PublishingFixture {
    static let registry = "127.0.0.1:5000"
    /// 2026-01-01.
    static let start: Int64 = 1_767_225_600

    let shelf = ImageShelf()
    /// Raised after each layer.
    private let rounds = DispatchSemaphore(value: 0)
    let scratch: ScratchDirectory
    let store: SQLiteMetadataStore
    let location: RepositoryLocation
    let publisher: ImagePublisher
    let pool: LayerIngestPool
    private let configuration: ImagePublisher.Configuration

    init(podmanImageLimit: Int = 1000) throws {
        scratch = try ScratchDirectory()
        store = try SQLiteMetadataStore(path: scratch.path + "/wharf.db")
        let name = try #require(RepositoryFQRN("test.example.org"))
        location = RepositoryLocation(data: scratch.path, name: name)
        try ToyKeys.install(at: location)
        let rounds = rounds
        pool = LayerIngestPool(storage: shelf.blobs) { rounds.signal() }
        configuration = ImagePublisher.Configuration(
            data: scratch.path,
            repository: name,
            registry: Self.registry,
            podmanImageLimit: podmanImageLimit
        )
        publisher = try ImagePublisher(
            configuration: configuration,
            store: store,
            records: store,
            storage: shelf.blobs,
            pool: pool,
            now: { Self.start }
        )
    }

    /// A publisher that takes over from the fixture's own, which must not be used afterwards.
    ///
    /// Without a pool it shares the fixture's.
    func anotherPublisher(
        policy: any PublicationPolicy,
        pool other: LayerIngestPool? = nil
    ) throws -> ImagePublisher {
        try ImagePublisher(
            configuration: configuration,
            store: store,
            records: store,
            storage: shelf.blobs,
            pool: other ?? pool,
            policy: policy,
            now: { Self.start }
        )
    }

    deinit { pool.stop() }

    // MARK: The registry

    /// Points a tag to a manifest of the shelf.
    func push(_ digest: OCIDigest, to repository: String, _ tag: String = "1") throws {
        let names = try names(repository, tag)
        try store.writeBlocking { transaction in
            let now = Timestamp(millisecondsSince1970: 0)
            let repository = try transaction.makeRepository(named: names.0, at: now)
            for (digest, manifest) in shelf.manifests {
                let record = ManifestRecord(
                    digest: digest,
                    mediaType: manifest.mediaType,
                    artifactType: nil,
                    configType: nil,
                    subject: nil,
                    bytes: manifest.bytes
                )
                try transaction.storeManifest(record, needing: [], in: repository, at: now)
            }
            try transaction.setTag(names.1, to: digest, in: repository, at: now)
        }
    }

    /// Makes the project that the first push to a repository makes.
    func makeProject(of repository: String) throws {
        let name = try names(repository).0
        _ = try store.writeBlocking {
            try $0.makeRepository(named: name, at: Timestamp(millisecondsSince1970: 0))
        }
    }

    func delete(_ repository: String, _ tag: String = "1") throws {
        let names = try names(repository, tag)
        try store.writeBlocking { transaction in
            let repository = try #require(try transaction.repository(named: names.0))
            _ = try transaction.deleteTag(names.1, in: repository, at: Timestamp(millisecondsSince1970: 0))
        }
    }

    func status(_ repository: String, _ tag: String = "1") throws -> PublicationRecord? {
        let names = try names(repository, tag)
        return try store.readBlocking { try $0.publication(of: names.0, tag: names.1) }
    }

    func names(_ repository: String, _ tag: String = "1") throws -> (RepositoryName, TagName) {
        (try #require(RepositoryName(repository)), try #require(TagName(tag)))
    }

    // MARK: The repository

    /// Works until nothing is pending.
    @discardableResult
    func publish(with other: ImagePublisher? = nil) throws -> [ImagePublisher.Outcome] {
        let publisher = other ?? publisher
        var outcomes: [ImagePublisher.Outcome] = []
        while true {
            outcomes += try publisher.round()
            guard try !publisher.pending(limit: 1).isEmpty else { return outcomes }
            waitForLayer()
        }
    }

    /// Blocks until one more layer was read.
    func waitForLayer() { rounds.wait() }

    /// Puts an image, pushes it and publishes it.
    @discardableResult
    func publishImage(_ layers: [TestLayer], as repository: String, _ tag: String = "1") async throws
        -> OCIDigest
    {
        let digest = try await shelf.putImage(layers)
        try push(digest, to: repository, tag)
        try publish()
        return digest
    }

    /// The writer of the repository.
    var writer: RepositoryPublisher { publisher.publisher }

    var revision: UInt64 { writer.manifest.revision }

    func tree() throws -> PublishedTree {
        try PublishedTree(
            objects: writer.objects,
            rootCatalog: writer.manifest.rootCatalog
        )
    }

    func entry(_ path: String) throws -> CatalogEntry? { try tree().entry(at: TreePath(path)) }

    /// Where a link leads, as text; `nil` if there is none.
    func link(_ path: String) throws -> String? {
        try entry(path).map { String(decoding: $0.linkTarget, as: UTF8.self) }
    }

    func names(in directory: String) throws -> [String] {
        try tree().children(of: TreePath(directory)).map { String(decoding: $0.name, as: UTF8.self) }
            .filter { $0 != ".cvmfscatalog" }
    }

    func content(_ path: String) throws -> String {
        let hash = try #require(try entry(path)?.hash)
        return String(decoding: try writer.objects.read(hash, .file), as: UTF8.self)
    }

    /// The flat tree of an image.
    func flat(_ manifest: OCIDigest) throws -> TreePath {
        guard case .image(let image) = try shelf.reader().subject(manifest) else {
            throw CocoaError(.featureUnsupported)
        }
        return TreeLayout.flatTree(image.manifest.config.digest)
    }

    /// How many objects there are of a kind.
    func objectCount(_ kind: ObjectKind) throws -> Int {
        let directory = location.served + "/data"
        let names = try FileManager.default.subpathsOfDirectory(atPath: directory)
            .filter { !$0.hasPrefix("txn") && $0.contains("/") }
        return names.count { name in
            let letter = name.last.map { $0.isUppercase ? String($0) : "" } ?? ""
            return letter == kind.rawValue
        }
    }
}
