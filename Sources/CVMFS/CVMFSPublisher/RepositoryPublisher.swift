// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
package import CVMFSFormat
package import CompressionCodecs
package import Digests
package import FileTree
internal import Foundation
package import MetadataStore

/// The one writer of a repository.
///
/// Holding one voids the fencing tokens of all earlier writers: if this process stalls and another takes over, its next
/// commit is refused. Not safe to use from two threads.
package final class RepositoryPublisher {
    package let location: RepositoryLocation
    package let profile: CompressionProfile
    package let objects: ObjectStore
    package let contents: ContentStore
    package let whitelist: WhitelistRenewal
    package let keys: RepositoryKeys
    /// The manifest of record.
    package private(set) var manifest: PublishedManifest

    private let records: any PublishedRepositories
    private let token: Int64
    private let emptyFile: ContentHash
    private let history: PublicationHistory
    /// How many contents had been found and lost when the newest transaction began.
    private var lossesBefore = 0
    private var forgetsCollected = false

    private let terms: PublicationTerms

    private init(
        location: RepositoryLocation,
        record: PublishedRepositoryRecord,
        records: any PublishedRepositories,
        map: any ContentMap,
        keys: RepositoryKeys,
        profile: CompressionProfile,
        terms: PublicationTerms
    ) throws {
        self.location = location
        self.terms = terms
        self.records = records
        self.keys = keys
        self.profile = profile
        objects = ObjectStore(location: location, algorithm: record.algorithm, use: map)
        contents = ContentStore(objects: objects, profile: profile, map: map)
        whitelist = WhitelistRenewal(location: location, keys: keys, algorithm: record.algorithm)
        token = try records.acquireWriter(of: record.name)
        location.clearScratch()
        emptyFile = try objects.putCompressed([], .file, by: ObjectCompressor(profile))
        history = PublicationHistory(objects: objects, terms: terms)
        manifest = PublishedManifest(
            rootCatalog: emptyFile,
            rootCatalogSize: 0,
            timeToLive: PublicationTerms.standardTimeToLive,
            revision: 0,
            isGarbageCollectable: true,
            repository: record.name,
            certificate: nil,
            history: nil,
            timestamp: 0,
            metainfo: nil,
            reflog: nil
        )
    }

    // MARK: Creating and opening

    /// Makes a repository with keys, a whitelist and a first revision that holds an empty root directory.
    ///
    /// - Parameters:
    ///   - location: the data directory and the name.
    ///   - profile: how objects are compressed, for good.
    ///   - algorithm: how objects are named, for good.
    ///   - terms: what holds for its revisions.
    ///   - records: the port to the records.
    ///   - map: the port to the content map.
    ///   - now: unix seconds.
    /// - Returns: its writer.
    /// - Throws: `repositoryExists`, and what the disk throws.
    package static func create(
        at location: RepositoryLocation,
        profile: CompressionProfile,
        algorithm: ContentHashAlgorithm,
        terms: PublicationTerms = PublicationTerms(),
        records: any PublishedRepositories,
        map: any ContentMap,
        now: Int64
    ) throws -> RepositoryPublisher {
        if let record = try records.record(of: location.name.name), record.revision > 0 {
            throw PublisherProblem(
                .repositoryExists,
                "the repository \(location.name) exists already in \(location.data)",
                remedy: "choose another name or another data directory"
            )
        }
        try location.makeSkeleton()
        let hasKeys = FileAccess.size(of: location.publicKey) != nil
        let keys =
            hasKeys
            ? try RepositoryKeys.load(at: location) : try RepositoryKeys.create(at: location, now: now)
        let record = PublishedRepositoryRecord(
            name: location.name.name,
            profile: profile.rawValue,
            algorithm: algorithm,
            manifest: [],
            revision: 0,
            timestamp: 0
        )
        try records.create(record)
        let publisher = try RepositoryPublisher(
            location: location,
            record: record,
            records: records,
            map: map,
            keys: keys,
            profile: profile,
            terms: terms
        )
        _ = try publisher.whitelist.renewIfNeeded(now: now)
        try FileAccess.replace(
            location.served + "/.cvmfs_master_replica",
            with: Array("This repository may be replicated.\n".utf8),
            by: location.scratchFile("replica"),
            isSynced: true
        )
        try publisher.commit(publisher.edit(now: now))
        return publisher
    }

    /// Opens a repository for writing, repairs its mirror files and renews its whitelist.
    package static func open(
        _ location: RepositoryLocation,
        terms: PublicationTerms = PublicationTerms(),
        records: any PublishedRepositories,
        map: any ContentMap,
        now: Int64
    ) throws -> RepositoryPublisher {
        guard let record = try records.record(of: location.name.name), record.revision > 0,
            let profile = CompressionProfile(rawValue: record.profile)
        else {
            throw PublisherProblem(
                .noSuchRepository,
                "there is no repository \(location.name) in \(location.data)",
                remedy: "make it with 'wharf repo create \(location.name) --data \(location.data)'"
            )
        }
        let publisher = try RepositoryPublisher(
            location: location,
            record: record,
            records: records,
            map: map,
            keys: try RepositoryKeys.load(at: location),
            profile: profile,
            terms: terms
        )
        publisher.manifest = try PublishedManifest(text: SignedLetter(record.manifest).text)
        _ = try publisher.whitelist.renewIfNeeded(now: now)
        if let visible = publisher.visibleManifest(), visible.revision > publisher.manifest.revision {
            try publisher.overtake(visible, now: now)
        } else {
            try publisher.repairMirrors(record.manifest)
        }
        return publisher
    }

    /// The manifest that readers of the files may have seen; `nil` if the file is missing or not signed by our key.
    private func visibleManifest() -> PublishedManifest? {
        // A file that cannot be read is simply written anew.
        guard let file = try? FileAccess.read(location.manifest), let letter = try? SignedLetter(file),
            keys.repository.publicKey.verifiesSHA1(signature: letter.signature, of: letter.signedText)
        else { return nil }
        return try? PublishedManifest(text: letter.text)
    }

    /// After a restore from a backup the record is older than what clients have seen, and they refuse to go back: what the
    /// record has is published again, as the next revision.
    private func overtake(_ visible: PublishedManifest, now: Int64) throws {
        let editor = try edit(now: max(now, visible.timestamp))
        manifest.revision = visible.revision
        manifest.timestamp = max(manifest.timestamp, visible.timestamp)
        editor.root.touch(.root, now: editor.now)
        try commit(editor)
    }

    /// The files are mirrors of the record: a crash between the two leaves them one revision behind.
    private func repairMirrors(_ letter: [UInt8]) throws {
        // A file that cannot be read is written anew.
        if (try? FileAccess.read(location.manifest)) != letter { try mirror(letter) }
        try history.repairReflog(of: manifest)
    }

    private func mirror(_ letter: [UInt8]) throws {
        try FileAccess.replace(
            location.manifest,
            with: letter,
            by: location.scratchFile("manifest"),
            isSynced: true
        )
    }

    // MARK: Committing

    /// Begins a transaction on the newest revision.
    package func edit(now: Int64) throws -> CatalogEditor {
        lossesBefore = try contents.losses()
        let root: EditableCatalog
        if manifest.revision == 0 {
            root = EditableCatalog(
                prefix: .root,
                root: CatalogEntry(
                    name: [],
                    mode: EntryType.directory.rawValue | 0o755,
                    size: 4096,
                    mtime: now,
                    mtimeNanoseconds: 0,
                    flags: .directory,
                    linkCount: 2
                )
            )
        } else {
            root = try EditableCatalog(prefix: .root, hash: manifest.rootCatalog, from: objects)
        }
        return CatalogEditor(
            root: root,
            store: objects,
            contents: contents,
            emptyFile: emptyFile,
            now: max(now, manifest.timestamp)
        )
    }

    /// Publishes a transaction as one new revision: data, catalogs leaves first, history, and the manifest last.
    ///
    /// Readers see the old revision or the new one, never a part. Revision and time only grow, whatever the clock does.
    ///
    /// - Parameters:
    ///   - editor: the transaction; it must not be used again.
    ///   - tag: a name for the new revision.
    /// - Returns: the new manifest; the old one if nothing changed.
    /// - Throws: `lostLease` if another writer took over, `collected` if something that the transaction found was collected
    ///   meanwhile; then nothing became visible.
    @discardableResult
    package func commit(_ editor: CatalogEditor, tag: String? = nil) throws -> PublishedManifest {
        guard editor.root.needsWriting || tag != nil || manifest.revision == 0 else { return manifest }
        try contents.flush()
        guard try contents.losses() == lossesBefore else { throw PublisherProblem.collected(location.name) }
        let timestamp = max(editor.now, manifest.timestamp)
        let timeToLive = terms.timeToLive ?? manifest.timeToLive
        let root = try editor.root.write(
            to: objects,
            now: timestamp,
            minimumRevision: manifest.revision + 1,
            timeToLive: timeToLive
        )
        var next = manifest
        next.rootCatalog = root.reference.hash
        next.rootCatalogSize = root.reference.size
        next.revision = root.revision
        next.timestamp = timestamp
        next.timeToLive = timeToLive
        next.certificate = try objects.putCompressed(keys.certificate.pem, .certificate)
        next.metainfo = try objects.putCompressed(metainfo, .metainfo)
        let update = try history.prepare(
            next,
            after: manifest,
            tag: tag,
            forgetsCollected: forgetsCollected
        )
        next.history = update.history
        next.reflog = update.reflog
        try objects.sync()
        try publish(next)
        // From here on the revision is out; the mirrors follow, and are repaired at the next opening if they cannot.
        forgetsCollected = false
        try history.install(update)
        return next
    }

    /// Lets the next commit forget the roots that were collected: the manifest states the reflog's hash, so the file cannot
    /// change without a revision, and a reflog that lists what is gone does no harm until then.
    package func forgetCollectedRoots() throws { forgetsCollected = try history.listsCollected() }

    private func publish(_ next: PublishedManifest) throws {
        let letter = try SignedLetter(text: next.text, algorithm: objects.algorithm) {
            text throws(KeyProblem) in
            try keys.repository.signSHA1(text)
        }
        let isSwapped = try records.swapManifest(
            of: location.name.name,
            token: token,
            manifest: letter.encoded,
            revision: next.revision,
            timestamp: next.timestamp
        )
        guard isSwapped else {
            throw PublisherProblem(
                .lostLease,
                "another writer took over the repository \(location.name); nothing was published",
                remedy: "run one writer for each repository"
            )
        }
        manifest = next
        try mirror(letter.encoded)
    }

    /// The meta information object, which clients show as `user.repo_metainfo`.
    private var metainfo: [UInt8] {
        Array(#"{"description": "container images published by Wharf", "administrator": ""}"#.utf8)
    }

    // MARK: Trees

    /// Writes a tree's catalogs for grafting at a path.
    package func write(_ tree: ImageTree, at base: TreePath, now: Int64) throws -> WrittenTree {
        try TreeCatalogs(
            tree: tree,
            base: base,
            splitting: CatalogSplitting(),
            store: objects,
            emptyFile: emptyFile,
            now: max(now, manifest.timestamp)
        )
        .write()
    }

    /// The named snapshots of the newest revision.
    package func snapshots() throws -> [NamedSnapshot] {
        try manifest.history.map { try history.read($0).snapshots } ?? []
    }

    /// The object of the empty file.
    package var emptyFileObject: ContentHash { emptyFile }
}
