// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSCatalog
import CVMFSFormat
import CVMFSPublisher
import CVMFSReader
import CompressionCodecs
import Digests
import FileTree
import Foundation
import GRDB
import MetadataStore
import ObjectCache
import RepositoryFixtures

/// A good repository with an entry of every kind, and the means to damage it in one way and sign it again.
final class DamagedRepository {
    let location: RepositoryLocation
    private let scratch: ScratchDirectory
    private let objects: ObjectStore
    private let signingKey: RSAPrivateKey
    private let masterKey: RSAPrivateKey

    /// 2026-01-01.
    static let now: Int64 = 1_767_225_600

    init() throws {
        scratch = try ScratchDirectory()
        guard let name = RepositoryFQRN("test.example.org") else { throw CocoaError(.featureUnsupported) }
        location = RepositoryLocation(data: scratch.path, name: name)
        objects = ObjectStore(location: location, algorithm: .sha1)
        let records = MemoryPublishedRepositories()
        try ToyKeys.install(at: location)
        let publisher = try RepositoryPublisher.create(
            at: location,
            profile: .compact,
            algorithm: .sha1,
            records: records,
            map: records,
            now: Self.now
        )
        signingKey = publisher.keys.repository
        masterKey = publisher.keys.master
        let editor = try publisher.edit(now: Self.now)
        try Self.fill(editor, publisher)
        try publisher.commit(editor)
    }

    private static func fill(_ editor: CatalogEditor, _ publisher: RepositoryPublisher) throws {
        try editor.putFile(Array("hello world\n".utf8), at: TreePath("file"))
        try editor.putLink(to: Array("file".utf8), at: TreePath("link"))
        try editor.makeDirectory(TreePath("dir"))
        try editor.makeDirectory(TreePath("sub")) { _ in true }
        try editor.putFile(Array("inner\n".utf8), at: TreePath("sub/inner"))
        let empty = publisher.emptyFileObject
        for name in ["a", "b"] {
            let entry = CatalogEntry(
                name: [],
                mode: 0o100644,
                flags: .regular(.sha1, .zlib, chunked: false),
                hash: empty,
                linkGroup: 1,
                linkCount: 2
            )
            try editor.put(entry, at: TreePath(name))
        }
        try editor.put(
            CatalogEntry(name: [], mode: 0o020644, size: 259, flags: [.file, .special]),
            at: TreePath("null")
        )
        let compressor = ObjectCompressor(.compact)
        var offset: Int64 = 0
        let chunks = try ["first chunk", "second"].map { text in
            let hash = try Array(text.utf8).withUnsafeBytes {
                try publisher.contents.object(for: $0, isChunk: true, compressor: compressor).hash
            }
            defer { offset += Int64(text.utf8.count) }
            return FileChunk(offset: offset, size: Int64(text.utf8.count), hash: hash)
        }
        let flags = EntryFlags.regular(.sha1, .zlib, chunked: true)
        try editor.put(
            CatalogEntry(name: [], mode: 0o100644, size: offset, flags: flags),
            at: TreePath("chunked"),
            chunks: chunks
        )
    }

    // MARK: Damage

    /// Runs SQL on the root catalog.
    func editRoot(_ sql: String) throws {
        let manifest = try manifest()
        let (hash, size) = try edit(manifest.rootCatalog, .catalog) { try Self.run(sql, on: $0) }
        try sign {
            ($0.rootCatalog, $0.rootCatalogSize) = (hash, size)
        }
    }

    /// Runs SQL on the catalog of `/sub`.
    func editNested(_ sql: String) throws {
        let root = try objects.catalog(try manifest().rootCatalog)
        guard let old = try root.nestedCatalogs().first else { throw CocoaError(.featureUnsupported) }
        let (hash, size) = try edit(old.hash, .catalog) { try Self.run(sql, on: $0) }
        try editRoot("UPDATE nested_catalogs SET sha1 = '\(hash)', size = \(size)")
    }

    /// Runs SQL on the history.
    func editHistory(_ sql: String) throws {
        guard let old = try manifest().history else { throw CocoaError(.featureUnsupported) }
        let (hash, _) = try edit(old, .history) { try Self.run(sql, on: $0) }
        try sign { $0.history = hash }
    }

    /// Changes the bytes of the root catalog's file.
    func patchRoot(_ change: (inout [UInt8]) -> Void) throws {
        let (hash, size) = try edit(try manifest().rootCatalog, .catalog) { path in
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            change(&bytes)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
        try sign {
            ($0.rootCatalog, $0.rootCatalogSize) = (hash, size)
        }
    }

    /// Changes the manifest and signs it; the reflog follows.
    func sign(_ change: (inout PublishedManifest) -> Void = { _ in }) throws {
        var manifest = try manifest()
        change(&manifest)
        try addToReflog(&manifest)
        let letter = try SignedLetter(text: manifest.text, algorithm: .sha1) { (text) throws(KeyProblem) in
            try signingKey.signSHA1(text)
        }
        try Data(letter.encoded).write(to: URL(fileURLWithPath: location.manifest))
    }

    /// Writes a whitelist with the master key.
    func writeWhitelist(expires: Int64, fingerprints: [CertificateFingerprint]) throws {
        let list = Whitelist(
            created: CalendarTime(unixSeconds: Self.now),
            expires: CalendarTime(unixSeconds: expires),
            repository: location.name.name,
            fingerprints: fingerprints
        )
        let letter = try SignedLetter(text: list.text, algorithm: .sha1) { (text) throws(KeyProblem) in
            try masterKey.signRaw(text)
        }
        try Data(letter.encoded).write(to: URL(fileURLWithPath: location.whitelist))
    }

    func manifest() throws -> PublishedManifest {
        try PublishedManifest(
            text: SignedLetter([UInt8](Data(contentsOf: URL(fileURLWithPath: location.manifest)))).text
        )
    }

    /// The file of the object of a plain content.
    func path(ofContent content: String, _ kind: ObjectKind = .file) -> String {
        let hash = ContentHash(.sha1, of: ObjectCompressor(.compact).compress(Array(content.utf8)))
        return location.served + "/" + hash.objectPath(kind)
    }

    private func edit(
        _ old: ContentHash,
        _ kind: ObjectKind,
        _ change: (String) throws -> Void
    ) throws -> (ContentHash, Int64) {
        let path = scratch.path + "/" + UUID().uuidString
        try Data(try objects.read(old, kind)).write(to: URL(fileURLWithPath: path))
        try change(path)
        return try objects.putFile(path, kind)
    }

    private static func run(_ sql: String, on path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        try DatabaseQueue(path: path, configuration: configuration).writeWithoutTransaction {
            try $0.execute(sql: sql)
        }
    }

    private func addToReflog(_ manifest: inout PublishedManifest) throws {
        let roots: [(ContentHash?, Int)] = [
            (manifest.rootCatalog, 0), (manifest.certificate, 1), (manifest.history, 2),
            (manifest.metainfo, 3),
        ]
        for (hash, type) in roots {
            guard let hash else { continue }
            try Self.run("INSERT OR REPLACE INTO refs VALUES ('\(hash)', \(type), 0)", on: location.reflog)
        }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: location.reflog)))
        manifest.reflog = ContentHash(.sha1, of: bytes)
    }

    // MARK: Verification

    /// What a verifier finds.
    func faults(readingObjects: Bool = false, now: Int64 = now, keys: MasterKeys? = nil) throws
        -> [RepositoryFault]
    {
        let own = [UInt8](try Data(contentsOf: URL(fileURLWithPath: location.publicKey)))
        return try Verification.faults(
            of: location.served,
            named: location.name.name,
            keys: try keys ?? MasterKeys(pemFiles: [own]),
            readingObjects: readingObjects,
            now: now
        )
    }
}

/// One run of a verifier on a directory.
enum Verification {
    static func faults(
        of directory: String,
        named name: String,
        keys: MasterKeys,
        readingObjects: Bool,
        now: Int64
    ) throws -> [RepositoryFault] {
        guard let name = RepositoryFQRN(name) else { throw CocoaError(.featureUnsupported) }
        let scratch = try ScratchDirectory()
        let cache = try ObjectCache(
            directory: scratch.path,
            limitInBytes: 1 << 30,
            now: { 0 },
            report: { _ in }
        )
        let verifier = RepositoryVerifier(
            repository: name,
            source: DirectorySource(directory),
            keys: keys,
            cache: cache,
            now: now,
            options: .init(hashesObjects: readingObjects, directory: directory, scratch: scratch.path)
        )
        var faults: [RepositoryFault] = []
        let summary = verifier.run { faults.append($0) }
        guard summary.faults == faults.count else { throw CocoaError(.featureUnsupported) }
        return faults
    }
}
