// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CompressionCodecs
package import Digests
internal import Foundation

/// A small repository made entry by entry, with its own keys: also such as no publisher of ours would make.
package final class RepositoryFixture {
    package let name: String
    /// What a web server serves below `/cvmfs/<name>`.
    package let directory: String
    package let publicKey: String
    /// Where the content of external files lies.
    package let externalDirectory: String

    private let scratch: ScratchDirectory
    private let algorithm: ContentHashAlgorithm
    private let masterKey: RSAPrivateKey
    private let repositoryKey: RSAPrivateKey
    private let certificate: SigningCertificate
    private let compressor = ObjectCompressor(.compact)

    /// Makes keys and a whitelist that is valid for a month.
    package init(_ name: String, in scratch: ScratchDirectory, algorithm: ContentHashAlgorithm = .sha1) throws
    {
        self.name = name
        self.scratch = scratch
        self.algorithm = algorithm
        directory = try scratch.directory("served/cvmfs/\(name)")
        externalDirectory = try scratch.directory("external")
        publicKey = scratch.path + "/\(name).pub"
        masterKey = try RSAPrivateKey.generate()
        repositoryKey = try RSAPrivateKey.generate()
        let now = Self.now
        certificate = try SigningCertificate.selfSigned(
            key: repositoryKey,
            commonName: name,
            notBefore: now,
            notAfter: now + 86400
        )
        try Data(masterKey.publicKey.pem).write(to: URL(fileURLWithPath: publicKey))
        try writeWhitelist(expires: now + 30 * 86400)
    }

    /// What a web server's root is.
    package var servedDirectory: String { scratch.path + "/served" }

    /// Writes the whitelist.
    package func writeWhitelist(expires: Int64) throws {
        let whitelist = Whitelist(
            created: CalendarTime(unixSeconds: Self.now),
            expires: CalendarTime(unixSeconds: expires),
            repository: name,
            fingerprints: [CertificateFingerprint(algorithm, of: certificate)]
        )
        let letter = try SignedLetter(text: whitelist.text, algorithm: algorithm) {
            (text) throws(KeyProblem) in
            try masterKey.signRaw(text)
        }
        try Data(letter.encoded).write(to: URL(fileURLWithPath: directory + "/.cvmfswhitelist"))
    }

    /// Publishes a tree.
    ///
    /// - Parameters:
    ///   - entries: all entries but the root; parents before children.
    ///   - revision: of the manifest and the catalogs.
    ///   - nested: the paths of directories that get catalogs of their own.
    ///   - binds: paths of directories that show the tree of another root catalog.
    ///   - tags: names of snapshots and their root catalogs.
    /// - Returns: the root catalog.
    /// - Throws: what the file system or the database says.
    @discardableResult
    package func publish(
        _ entries: [FixtureEntry],
        revision: UInt64,
        nested: [String] = [],
        binds: [String: ContentHash] = [:],
        tags: [String: ContentHash] = [:]
    ) throws -> ContentHash {
        let all = [FixtureEntry("", .directory)] + entries
        var written: [CatalogReference] = []
        // Deepest first, since a parent holds the hashes of what is nested in it.
        for mount in nested.sorted(by: { $0.utf8.count > $1.utf8.count }) + [""] {
            let writer = try FixtureCatalog(self, mount: Array(mount.utf8), nested: nested, binds: binds)
            written.append(try writer.write(all, revision: revision, nestedReferences: written))
        }
        guard let root = written.last else { throw CocoaError(.fileNoSuchFile) }
        try writeManifest(root: root, revision: revision, history: try tags.isEmpty ? nil : history(tags))
        return root.hash
    }

    /// Stores an object, and returns its name.
    package func store(_ plain: [UInt8], _ kind: ObjectKind) throws -> ContentHash {
        let stored = compressor.compress(plain)
        let hash = ContentHash(algorithm, of: stored)
        let path = path(of: hash, kind)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try Data(stored).write(to: URL(fileURLWithPath: path))
        return hash
    }

    /// The file of an object.
    package func path(of hash: ContentHash, _ kind: ObjectKind) -> String {
        directory + "/" + hash.objectPath(kind)
    }

    /// The object of a file that was published with this content.
    package func path(ofContent content: String) -> String {
        path(of: ContentHash(algorithm, of: compressor.compress(Array(content.utf8))), .file)
    }

    var hashAlgorithm: ContentHashAlgorithm { algorithm }

    func temporaryPath() -> String { scratch.path + "/" + UUID().uuidString }

    private func history(_ tags: [String: ContentHash]) throws -> ContentHash {
        let path = temporaryPath()
        let snapshots = tags.map { name, root in
            NamedSnapshot(
                name: name,
                rootCatalog: root,
                revision: 1,
                timestamp: Self.now,
                description: "",
                size: 0
            )
        }
        try HistoryDatabase.write(
            HistoryDatabase.Contents(repository: name, previousRevision: nil, snapshots: snapshots),
            path: path
        )
        return try store(Array(Data(contentsOf: URL(fileURLWithPath: path))), .history)
    }

    private func writeManifest(root: CatalogReference, revision: UInt64, history: ContentHash?) throws {
        let manifest = PublishedManifest(
            rootCatalog: root.hash,
            rootCatalogSize: root.size,
            timeToLive: 60,
            revision: revision,
            isGarbageCollectable: false,
            repository: name,
            certificate: try store(certificate.pem, .certificate),
            history: history,
            timestamp: Self.now,
            metainfo: nil,
            reflog: nil
        )
        let letter = try SignedLetter(text: manifest.text, algorithm: algorithm) {
            (text) throws(KeyProblem) in
            try repositoryKey.signSHA1(text)
        }
        try Data(letter.encoded).write(
            to: URL(fileURLWithPath: directory + "/.cvmfspublished"),
            options: .atomic
        )
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) }
}
