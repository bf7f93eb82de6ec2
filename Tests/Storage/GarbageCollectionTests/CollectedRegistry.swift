// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import Digests
import Foundation
import GarbageCollection
import MetadataStore
import MetadataStoreSQLite
import NIOCore
import NIOPosix
import OCISpec
import RegistryService
import Synchronization
import TestSupport

/// A registry in a scratch directory with clocks that are moved by hand, and its collector.
final class CollectedRegistry: Sendable {
    static let grace: Int64 = 10_000

    let stores: RegistryStores
    let blobs: DirectoryBlobStorage
    let metadata: SQLiteMetadataStore
    private let clocks: Clocks

    static func run(_ body: @Sendable (CollectedRegistry) async throws -> Void) async throws {
        try await TestScope.run { scope in
            let threads = NIOThreadPool(numberOfThreads: 4)
            threads.start()
            scope.atEnd { try? await threads.shutdownGracefully() }
            try await body(try CollectedRegistry(scope, threads))
        }
    }

    private init(_ scope: TestScope, _ threads: NIOThreadPool) throws {
        let clocks = Clocks()
        self.clocks = clocks
        blobs = try DirectoryBlobStorage(root: scope.directory, threads: threads)
        metadata = try SQLiteMetadataStore(
            path: scope.path("wharf.db"),
            clocks: CollectionClock.Sources(
                wall: { clocks.wall.withLock { $0 } },
                steady: { clocks.steady.withLock { $0 } }
            )
        )
        stores = RegistryStores(blobs: blobs, metadata: metadata) {
            Timestamp(millisecondsSince1970: clocks.wall.withLock { $0 })
        }
    }

    /// Lets time pass.
    func pass(_ milliseconds: Int64) {
        clocks.steady.withLock { $0 += milliseconds }
        jump(milliseconds)
        _ = metadata.collectionClock.now()
    }

    /// Sets the clock on the wall forward or back.
    func jump(_ milliseconds: Int64) { clocks.wall.withLock { $0 += milliseconds } }

    // MARK: The collector

    func collector(grace: Int64 = grace) -> RegistryCollector {
        let grace = Duration.milliseconds(grace)
        return RegistryCollector(
            storage: blobs,
            metadata: metadata,
            graces: RegistryGraces(blobs: grace, untagged: grace, referrers: grace),
            now: stores.now,
            onChange: { [stores] in stores.forgetManifests(of: $0) }
        )
    }

    /// Runs the collector on a thread of its own, and returns what it removed.
    @discardableResult
    func collect(
        grace: Int64 = grace,
        isDryRun: Bool = false,
        onProgress: @escaping @Sendable (CollectionRun) throws -> Void = { _ in }
    ) async throws -> [CollectedItem] {
        let collector = collector(grace: grace)
        let start = stores.now()
        return try await OwnThread.run {
            var items: [CollectedItem] = []
            let run = CollectionRun(subject: CollectionRun.registry, isDryRun: isDryRun, started: start)
            let observer = CollectionObserver(progress: onProgress) { items.append($0) }
            _ = isDryRun ? try collector.preview(run, observer) : try collector.run(run, observer)
            return items
        }
    }

    // MARK: Clients

    func name(_ text: String) -> RepositoryName {
        guard let name = RepositoryName(text) else { preconditionFailure("a test's name is wrong") }
        return name
    }

    @discardableResult
    func upload(_ content: String, to repository: String) async throws -> OCIDigest {
        let digest = OCIDigest(of: Array(content.utf8))
        let uploads = UploadBlob(stores)
        let id = try await uploads.start(in: name(repository))
        let body = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            continuation.yield(ByteBuffer(string: content))
            continuation.finish()
        }
        try await uploads.finish(id, with: body, as: UploadBlob.Piece(), digest: digest, in: name(repository))
        return digest
    }

    /// Whether a client finds the blob, and can read all of it.
    func has(_ content: String, in repository: String) async throws -> Bool {
        do {
            let digest = OCIDigest(of: Array(content.utf8))
            let found = try await PullBlob(stores).open(digest, in: name(repository))
            let bytes = try await found.read(at: 0, count: Int(found.size))
            guard bytes == ByteBuffer(string: content) else { throw Lost(content: content) }
            return true
        } catch let problem as RegistryProblem where problem.code == .blobUnknown {
            return false
        }
    }

    struct Lost: Error {
        let content: String
    }

    func isStored(_ content: String) async throws -> Bool {
        try await blobs.size(of: OCIDigest(of: Array(content.utf8))) != nil
    }

    /// Pushes an image of blobs that are there.
    @discardableResult
    func push(
        _ contents: [String],
        to repository: String,
        tag: String? = nil,
        subject: OCIDigest? = nil,
        subjectSize: Int = 0
    ) async throws -> OCIDigest {
        func descriptor(_ content: String, _ type: String) -> [String: Any] {
            [
                "mediaType": type, "digest": OCIDigest(of: Array(content.utf8)).description,
                "size": content.utf8.count,
            ]
        }
        var document: [String: Any] = [
            "schemaVersion": 2, "mediaType": MediaType.ociManifest,
            "config": descriptor(contents[0], "application/vnd.oci.image.config.v1+json"),
            "layers": contents.dropFirst().map { descriptor($0, MediaType.ociLayer) },
        ]
        if let subject {
            document["subject"] = [
                "mediaType": MediaType.ociManifest, "digest": subject.description, "size": subjectSize,
            ]
        }
        return try await put(document, MediaType.ociManifest, to: repository, tag: tag)
    }

    /// Pushes an index of manifests that are there.
    @discardableResult
    func pushIndex(_ children: [OCIDigest], to repository: String, tag: String?) async throws -> OCIDigest {
        var manifests: [[String: Any]] = []
        for child in children {
            let size = try await metadata.read { [repository = name(repository)] transaction in
                try transaction.repository(named: repository).flatMap {
                    try transaction.manifestSize(child, in: $0)
                }
            }
            manifests.append([
                "mediaType": MediaType.ociManifest, "digest": child.description, "size": size ?? 0,
            ])
        }
        let document: [String: Any] = [
            "schemaVersion": 2, "mediaType": MediaType.ociIndex, "manifests": manifests,
        ]
        return try await put(document, MediaType.ociIndex, to: repository, tag: tag)
    }

    private func put(_ document: [String: Any], _ type: String, to repository: String, tag: String?)
        async throws -> OCIDigest
    {
        let bytes = [UInt8](try JSONSerialization.data(withJSONObject: document, options: .sortedKeys))
        let digest = OCIDigest(of: bytes)
        let reference = tag.flatMap { TagName($0) }.map { Reference.tag($0) } ?? .digest(digest)
        return try await PushManifest(stores)(
            PushManifest.Push(
                repository: name(repository),
                reference: reference,
                bytes: bytes,
                mediaType: type,
                actor: .server
            )
        ).digest
    }

    func hasManifest(_ digest: OCIDigest, in repository: String) async throws -> Bool {
        do {
            _ = try await PullManifest(stores)(.digest(digest), in: name(repository))
            return true
        } catch let problem as RegistryProblem where problem.code == .manifestUnknown {
            return false
        }
    }

    func delete(_ reference: Reference, in repository: String) async throws {
        try await DeleteContent(stores).manifest(reference, in: name(repository), by: .server)
    }
}

private final class Clocks: Sendable {
    let wall = Mutex<Int64>(1_700_000_000_000)
    let steady = Mutex<Int64>(5_000)
}

/// Threads for calls that block.
enum OwnThread {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try body() }) }.start()
        }
    }
}
