// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccessControl
import CVMFSFormat
import CVMFSPublisher
import CompressionCodecs
import Digests
import FileTree
import Foundation
import GarbageCollection
import ImagePublishing
import MetadataStore
import MetadataStoreSQLite
import OCISpec
import Synchronization
import TestSupport

/// A published repository with images of a few files, clocks that are moved by hand, and its collector.
///
/// The writer is used by one thread at a time, as in the server.
final class CollectedRepository: @unchecked Sendable {
    static let grace: Int64 = 3_000
    static let day: Int64 = 86_400_000

    let metadata: SQLiteMetadataStore
    let location: RepositoryLocation
    let objects: ObjectStore
    private let scratch: String
    /// Guards the writer.
    private let writer = NSLock()
    private let publisher: RepositoryPublisher

    static func run(_ body: @Sendable @escaping (CollectedRepository) throws -> Void) async throws {
        try await TestScope.run { scope in
            try await OwnThread.run { try body(try CollectedRepository(scope)) }
        }
    }

    private init(_ scope: TestScope) throws {
        guard let name = RepositoryFQRN("test.example.org") else { preconditionFailure("the name is wrong") }
        let shared = SharedTime()
        metadata = try SQLiteMetadataStore(
            path: scope.path("wharf.db"),
            clocks: CollectionClock.Sources(wall: { shared.now }, steady: { shared.now })
        )
        sharedTime = shared
        location = RepositoryLocation(data: scope.directory, name: name)
        scratch = scope.directory
        publisher = try RepositoryPublisher.create(
            at: location,
            profile: .fast,
            algorithm: .shake128,
            records: metadata,
            map: metadata,
            now: shared.now / 1000
        )
        objects = ObjectStore(location: location, algorithm: .shake128)
    }

    private let sharedTime: SharedTime
    /// The projects that show their layers one by one.
    let projectsWithLayers = Mutex<Set<String>>([])
    /// Called when the collector asks for the writer.
    let beforeWriting = Mutex<@Sendable () -> Void>({})

    /// Lets time pass on all clocks.
    func pass(_ milliseconds: Int64) {
        sharedTime.pass(milliseconds)
        _ = metadata.collectionClock.now()
    }

    // MARK: The collector

    @discardableResult
    func collect(
        isDryRun: Bool = false,
        onProgress: @escaping (CollectionRun) throws -> Void = { _ in }
    ) throws -> [CollectedItem] {
        let grace = Duration.milliseconds(Self.grace)
        let collector = RepositoryCollector(
            data: location.data,
            scratch: scratch,
            records: metadata,
            graces: RepositoryGraces(trees: grace, layers: grace, objects: grace),
            now: { [sharedTime] in Timestamp(millisecondsSince1970: sharedTime.now) },
            showsLayers: { [self] repository in
                projectsWithLayers.withLock { $0.contains("\(ProjectName(of: repository))") }
            },
            writing: { [self] _, job in
                beforeWriting.withLock { $0 }()
                return try writer.withLock { try job(publisher) }
            }
        )
        var items: [CollectedItem] = []
        let run = CollectionRun(
            subject: location.name.name,
            isDryRun: isDryRun,
            started: Timestamp(millisecondsSince1970: sharedTime.now)
        )
        _ = try collector.run(run, CollectionObserver(progress: onProgress) { items.append($0) })
        return items
    }

    // MARK: Images

    /// The flat tree of an image.
    static func flat(_ image: String) -> TreePath {
        let digits = OCIDigest(of: Array(image.utf8)).encoded
        return TreePath(".flat/\(digits.prefix(2))/\(digits)")
    }

    /// Shows an image under a link, writing its tree if it is not there.
    func show(_ image: String, _ files: [String: String], as link: String) throws {
        try change { editor in
            let flat = Self.flat(image)
            if try editor.entry(at: flat) == nil {
                try editor.makeDirectory(flat)
                for (name, content) in files {
                    try editor.put(try entry(content), at: flat.appending(Array(name.utf8)))
                }
            }
            let path = TreePath("registry/\(link)")
            try editor.makeDirectory(path.parent)
            try editor.putLink(to: path.relativeTarget(to: flat), at: path)
        }
    }

    func hide(_ link: String) throws { try change { try $0.remove(TreePath("registry/\(link)")) } }

    // MARK: Layers

    /// The tree of a layer.
    static func layer(_ content: String) -> TreePath {
        let digits = OCIDigest(of: Array(content.utf8)).encoded
        return TreePath(".layers/\(digits.prefix(2))/\(digits)")
    }

    /// Shows layers one by one, as images of a registry's repository that has a tag.
    func show(layers: [String], of repository: String) throws {
        try change { editor in
            for layer in layers {
                let tree = Self.layer(layer).appending(Array("layerfs".utf8))
                try editor.makeDirectory(tree)
                try editor.put(try entry(layer), at: tree.appending(Array("file".utf8)))
            }
            let described = layers.map { layer in
                """
                {"mediaType": "application/vnd.oci.image.layer.v1.tar", "size": \(layer.utf8.count),
                "digest": "\(OCIDigest(of: Array(layer.utf8)))"}
                """
            }
            let manifest = """
                {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2,
                "digest": "\(OCIDigest(of: Array("{}".utf8)))"}, "layers": [\(described.joined(separator: ","))]}
                """
            try putManifest(manifest, of: repository, in: editor)
        }
    }

    func showDamagedManifest(of repository: String) throws {
        try change { try putManifest("{", of: repository, in: $0) }
    }

    private func putManifest(_ text: String, of repository: String, in editor: CatalogEditor) throws {
        let place = TreePath(".metadata/registry/\(repository):1")
        try editor.makeDirectory(place)
        try editor.putFile(Array(text.utf8), at: place.appending(Array("image-manifest.json".utf8)))
    }

    func hideLayers(of repository: String) throws {
        try change { try $0.remove(TreePath(".metadata/registry/\(repository):1")) }
    }

    private func change(_ body: (CatalogEditor) throws -> Void) throws {
        try writer.withLock {
            let editor = try publisher.edit(now: sharedTime.now / 1000)
            try body(editor)
            try publisher.commit(editor)
        }
    }

    /// Stores a content as an ingest does.
    func store(_ content: String) throws -> ContentHash {
        try publisher.contents.object(forSmall: Array(content.utf8)).hash
    }

    func losses() throws -> Int { try publisher.contents.losses() }

    func flush() throws { try publisher.contents.flush() }

    private func entry(_ content: String) throws -> CatalogEntry {
        let object = try store(content)
        return CatalogEntry(
            name: [],
            mode: EntryType.regular.rawValue | 0o644,
            size: Int64(content.utf8.count),
            mtime: 0,
            mtimeNanoseconds: 0,
            flags: .regular(object.algorithm, .zlib, chunked: false),
            hash: object
        )
    }

    // MARK: Looking

    /// The files of all trees, by path; each must be readable.
    func files() throws -> [String: String] {
        let root = writer.withLock { publisher.manifest.rootCatalog }
        var files: [String: String] = [:]
        try TreeWalk(objects: objects).forEach(from: root) { path, entry in
            if let hash = entry.hash {
                files["\(path)"] = String(decoding: try self.objects.read(hash, .file), as: UTF8.self)
            }
            return true
        }
        return files
    }

    /// Every object that there is.
    func stored() throws -> Set<String> {
        var names: Set<String> = []
        for first in UInt8.min...UInt8.max {
            for (hash, kind) in try objects.objects(beginning: first) { names.insert(hash.objectPath(kind)) }
        }
        return names
    }

    /// Every object that the manifest and the snapshots need, found without the collector's help.
    func needed() throws -> Set<String> {
        let manifest = writer.withLock { publisher.manifest }
        var names: Set<String> = [publisher.emptyFileObject.objectPath(.file)]
        if let hash = manifest.certificate { names.insert(hash.objectPath(.certificate)) }
        if let hash = manifest.metainfo { names.insert(hash.objectPath(.metainfo)) }
        guard let history = manifest.history else { return names }
        names.insert(history.objectPath(.history))
        for snapshot in try publisher.snapshots() {
            names.insert(snapshot.rootCatalog.objectPath(.catalog))
            try TreeWalk(objects: objects).forEach(from: snapshot.rootCatalog) { _, entry in
                if let hash = entry.hash { names.insert(hash.objectPath(.file)) }
                return true
            }
        }
        return names
    }
}

private final class SharedTime: Sendable {
    private let time = Mutex<Int64>(1_700_000_000_000)

    var now: Int64 { time.withLock { $0 } }

    func pass(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}
