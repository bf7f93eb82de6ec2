// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import CVMFSPublisher
import CVMFSReader
import CompressionCodecs
import Digests
import FileTree
import Foundation
import MetadataStore
import ObjectCache
import RepositoryFixtures

/// A repository that the publisher made in a directory of its own.
final class PublishedFixture {
    let scratch: ScratchDirectory
    let records = MemoryPublishedRepositories()
    let location: RepositoryLocation
    /// 2026-01-01.
    static let start: Int64 = 1_767_225_600

    init(algorithm: ContentHashAlgorithm = .sha1, profile: CompressionProfile = .compact) throws {
        scratch = try ScratchDirectory()
        let name = RepositoryFQRN("test.example.org")
        location = RepositoryLocation(data: scratch.path, name: try Self.required(name))
        try ToyKeys.install(at: location)
        _ = try RepositoryPublisher.create(
            at: location,
            profile: profile,
            algorithm: algorithm,
            records: records,
            map: records,
            now: Self.start
        )
    }

    /// Becomes the repository's writer.
    func open(
        now: Int64 = start,
        terms: PublicationTerms = PublicationTerms()
    ) throws -> RepositoryPublisher {
        try RepositoryPublisher.open(location, terms: terms, records: records, map: records, now: now)
    }

    /// The faults that a verifier finds, every object read.
    func faults(now: Int64 = start) throws -> [RepositoryFault] {
        let scratch = try ScratchDirectory()
        let verifier = RepositoryVerifier(
            repository: location.name,
            source: DirectorySource(location.served),
            keys: try MasterKeys(pemFiles: [
                [UInt8](Data(contentsOf: URL(fileURLWithPath: location.publicKey)))
            ]),
            cache: try ObjectCache(
                directory: scratch.path,
                limitInBytes: 1 << 30,
                now: { 0 },
                report: { _ in }
            ),
            now: now,
            options: .init(hashesObjects: true, directory: location.served, scratch: scratch.path)
        )
        var faults: [RepositoryFault] = []
        _ = verifier.run { faults.append($0) }
        return faults
    }

    /// The manifest that is served.
    func served() throws -> PublishedManifest {
        let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: location.manifest)))
        return try PublishedManifest(text: SignedLetter(file).text)
    }

    /// All paths of the newest revision with what they are, sorted.
    func listing() throws -> [String] {
        let objects = ObjectStore(location: location, algorithm: .sha1)
        let tree = try PublishedTree(objects: objects, rootCatalog: try served().rootCatalog)
        var lines: [String] = []
        var pending = [TreePath.root]
        while let directory = pending.popLast() {
            for entry in try tree.children(of: directory) where entry.name != TreeCatalogs.marker {
                let path = directory.appending(entry.name)
                lines.append(String(decoding: path.bytes, as: UTF8.self) + (entry.isDirectory ? "/" : ""))
                if entry.isDirectory { pending.append(path) }
            }
        }
        return lines.sorted()
    }

    static func required<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw CocoaError(.featureUnsupported) }
        return value
    }
}
