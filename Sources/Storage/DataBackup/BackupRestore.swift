// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
internal import CVMFSFormat
internal import CVMFSPublisher
internal import Digests
package import MetadataStore
internal import MetadataStoreSQLite

/// Puts a backup in place and brings its repositories back.
///
/// The database comes last: a restore that was interrupted has none, and is simply run again. The data directory may
/// hold blobs and repositories already, from a file backup or because only the database was lost. Needs the data directory
/// for itself. All calls block.
package struct BackupRestore {
    private let backup: String
    private let data: String
    private let blobs: DirectoryBlobStorage

    /// What became of it.
    package struct Report: Codable, Hashable, Sendable {
        package var repositories: [Repository] = []
        /// How many blobs the database names.
        package var blobs = 0
        /// Those that are not in the data directory, and whom that hurts.
        package var missing: [MissingBlob] = []

        /// A published repository.
        package struct Repository: Codable, Hashable, Sendable {
            package let name: String
            /// The revision in the backup.
            package let revisionInBackup: UInt64
            /// The revision that is valid now; `nil` if the objects are gone and cannot be made again.
            package let revision: UInt64?
            /// Whether the tree is made anew from the images.
            package let isRebuilt: Bool
        }
    }

    /// A blob that is not there.
    package struct MissingBlob: Codable, Hashable, Sendable {
        package let digest: String
        package let manifests: [ManifestUse]
    }

    /// - Parameters:
    ///   - backup: what `BackupWriter` has made.
    ///   - data: the data directory, which the caller has locked.
    ///   - blobs: the blobs in it.
    package init(backup: String, data: String, blobs: DirectoryBlobStorage) {
        self.backup = backup
        self.data = data
        self.blobs = blobs
    }

    /// Restores everything.
    ///
    /// - Parameters:
    ///   - visible: manifests by repository, as replicas or caches still serve them.
    ///   - imageRepository: the repository that can be made anew from the images, if its objects are gone.
    ///   - now: unix seconds.
    /// - Returns: what became of it, and what is missing.
    /// - Throws: `notABackup`, `notEmpty`, `inputOutput`; what is wrong with the database or the keys.
    package func run(visible: [String: [UInt8]], imageRepository: String, now: Int64) throws -> Report {
        let description = try BackupDescription(ofBackup: backup)
        guard !BackupFiles.exists(data + "/wharf.db") else {
            throw BackupProblem(
                .notEmpty,
                "there is a database in \(data) already",
                remedy: "move wharf.db away if it is to be replaced"
            )
        }
        try copyKeys()
        let aside = data + "/wharf.db.restoring"
        for suffix in ["", "-wal", "-shm"] where BackupFiles.exists(aside + suffix) {
            try BackupFiles.remove(aside + suffix)
        }
        try BackupFiles.copy(backup + "/wharf.db", to: aside, mode: 0o600)
        var report = Report()
        let store = try SQLiteMetadataStore(path: aside)
        for repository in description.repositories {
            let letters = [visible[repository.name]].compactMap { $0 }
            report.repositories.append(
                try bringBack(repository, store, letters, imageRepository: imageRepository, now: now)
            )
        }
        try findMissing(in: store, &report)
        try store.close()
        try BackupFiles.rename(aside, to: data + "/wharf.db")
        try BackupFiles.syncDirectory(data)
        return report
    }

    private func copyKeys() throws {
        let names = try BackupFiles.plainFiles(in: backup + "/keys")
        for name in names {
            let target = "\(data)/keys/\(name)"
            let bytes = try BackupFiles.read("\(backup)/keys/\(name)")
            guard BackupFiles.exists(target) else { continue }
            guard try BackupFiles.read(target) == bytes else {
                throw BackupProblem(
                    .notEmpty,
                    "\(target) is another key than the backup's",
                    remedy: "move the directory \(data)/keys away, if the backup's keys are the right ones"
                )
            }
        }
        for name in names {
            let isPublic = name.hasSuffix(".pub") || name.hasSuffix(".crt")
            try BackupFiles.write(
                BackupFiles.read("\(backup)/keys/\(name)"),
                to: "\(data)/keys/\(name)",
                mode: isPublic ? 0o644 : 0o600
            )
        }
        try BackupFiles.syncDirectory(data + "/keys")
    }

    private func bringBack(
        _ repository: BackupDescription.Repository,
        _ store: SQLiteMetadataStore,
        _ letters: [[UInt8]],
        imageRepository: String,
        now: Int64
    ) throws -> Report.Repository {
        func outcome(_ revision: UInt64?, isRebuilt: Bool = false) -> Report.Repository {
            Report.Repository(
                name: repository.name,
                revisionInBackup: repository.revision,
                revision: revision,
                isRebuilt: isRebuilt
            )
        }
        guard let name = RepositoryFQRN(repository.name) else { return outcome(nil) }
        let restore = try RepositoryRestore(RepositoryLocation(data: data, name: name), records: store)
        if try restore.hasObjects() {
            // Some of what the map names may have been collected since the backup.
            try store.forgetContents(of: repository.name)
            return outcome(try restore.goOn(after: letters, now: now))
        }
        guard repository.name == imageRepository else { return outcome(nil) }
        let revision = try restore.startOver(after: letters, now: now) {
            try store.startOver(repository.name)
        }
        return outcome(revision, isRebuilt: true)
    }

    private func findMissing(in store: SQLiteMetadataStore, _ report: inout Report) throws {
        var last: String?
        while true {
            let records = try store.readBlocking { try $0.blobs(after: last, limit: 10_000) }
            guard let end = records.last else { return }
            last = end.digest.description
            report.blobs += records.count
            for record in records
            where !record.isQuarantined && blobs.sizeBlocking(of: record.digest) != record.size {
                let uses = try store.readBlocking { try $0.manifests(needing: record.digest) }
                report.missing.append(MissingBlob(digest: record.digest.description, manifests: uses))
            }
        }
    }
}
