// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CompressionCodecs
internal import Digests
internal import Foundation
package import MetadataStore

/// Brings a repository back whose record comes from a backup.
///
/// Clients and replicas may have seen newer revisions than the record knows, and refuse to go back. So what the record
/// has is published once more, as the revision after the newest that anybody can have seen. All calls block.
package struct RepositoryRestore {
    private let location: RepositoryLocation
    private let record: PublishedRepositoryRecord
    private let records: any PublishedRepositories & ContentMap
    private let keys: RepositoryKeys

    /// - Parameters:
    ///   - location: the data directory, with the keys in place, and the name.
    ///   - records: the restored database.
    /// - Throws: `noSuchRepository`, and what is wrong with the keys.
    package init(_ location: RepositoryLocation, records: any PublishedRepositories & ContentMap) throws {
        guard let record = try records.record(of: location.name.name), record.revision > 0 else {
            throw PublisherProblem(
                .noSuchRepository,
                "the backup has no repository \(location.name)",
                remedy: "restore another backup"
            )
        }
        self.location = location
        self.record = record
        self.records = records
        keys = try RepositoryKeys.load(at: location)
    }

    /// Whether the objects are there that the record's revision begins with.
    package func hasObjects() throws -> Bool {
        let manifest = try PublishedManifest(text: SignedLetter(record.manifest).text)
        return ObjectStore(location: location, algorithm: record.algorithm).contains(
            manifest.rootCatalog,
            .catalog
        )
    }

    /// Publishes what the record has as the revision after the newest of those that are visible, here or elsewhere.
    ///
    /// - Parameters:
    ///   - visible: manifests as others serve them; those that our key has not signed do not count.
    ///   - now: unix seconds.
    /// - Returns: the revision that is valid then; the record's own if nobody has seen a newer one.
    /// - Throws: what opening and committing throw.
    package func goOn(after visible: [[UInt8]], now: Int64) throws -> UInt64 {
        try show(newest(of: visible))
        return try RepositoryPublisher.open(location, records: records, map: records, now: now).manifest
            .revision
    }

    /// Makes the repository empty, with a revision after the newest that is visible or on record.
    ///
    /// - Parameters:
    ///   - visible: as for `goOn`.
    ///   - now: unix seconds.
    ///   - forget: takes the record back to before its first revision, and its contents with it.
    /// - Returns: the revision of the empty tree.
    /// - Throws: what `forget`, making and committing throw.
    package func startOver(after visible: [[UInt8]], now: Int64, forget: () throws -> Void) throws -> UInt64 {
        guard let profile = CompressionProfile(rawValue: record.profile) else {
            throw PublisherProblem(.noSuchRepository, "the record of \(location.name) has an unknown profile")
        }
        let newest = newest(of: visible + [record.manifest])
        // Their indexes name objects that are gone.
        if FileManager.default.fileExists(atPath: location.layers) {
            try FileManager.default.removeItem(atPath: location.layers)
        }
        try forget()
        _ = try RepositoryPublisher.create(
            at: location,
            profile: profile,
            algorithm: record.algorithm,
            records: records,
            map: records,
            now: now
        )
        try show(newest)
        return try RepositoryPublisher.open(location, records: records, map: records, now: now).manifest
            .revision
    }

    /// The newest manifest that our key has signed, among those given and the one that lies here.
    private func newest(of letters: [[UInt8]]) -> [UInt8]? {
        // A file that cannot be read was seen by nobody of late.
        let here = try? FileAccess.read(location.manifest)
        let signed = (letters + [here].compactMap { $0 }).compactMap {
            file -> (revision: UInt64, file: [UInt8])? in
            // What is no letter of ours is not evidence of anything.
            guard let letter = try? SignedLetter(file),
                keys.repository.publicKey.verifiesSHA1(signature: letter.signature, of: letter.signedText),
                let manifest = try? PublishedManifest(text: letter.text),
                manifest.repository == location.name.name
            else { return nil }
            return (manifest.revision, file)
        }
        return signed.max { $0.revision < $1.revision }?.file
    }

    /// Puts a manifest where the next writer looks for what clients have seen.
    private func show(_ letter: [UInt8]?) throws {
        guard let letter else { return }
        try location.makeSkeleton()
        try FileAccess.replace(
            location.manifest,
            with: letter,
            by: location.scratchFile("manifest"),
            isSynced: true
        )
    }
}
