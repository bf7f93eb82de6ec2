// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import MetadataStore
internal import MetadataStoreSQLite

/// Makes a backup of all that cannot be made again: the database and the keys.
///
/// ```
/// wharf.db                              the database as it was at one moment
/// keys/                                 as in the data directory
/// repositories/<name>/.cvmfspublished   the manifest of record
/// repositories/<name>/.cvmfswhitelist
/// blobs.txt                             "<digest> <size>" of every blob that the database names
/// backup.json                           what this is; written last
/// ```
/// Blobs and objects are not in it: their names say their content, so any tool that copies files can take them along, in
/// any order, once the database is copied. The server may run meanwhile. All calls block.
package struct BackupWriter: Sendable {
    private let data: String
    private let target: String

    /// - Parameters:
    ///   - data: the data directory.
    ///   - target: a directory that is new or empty.
    package init(data: String, target: String) {
        self.data = data
        self.target = target
    }

    /// Writes the backup.
    ///
    /// - Parameter now: unix seconds.
    /// - Returns: what it holds.
    /// - Throws: `notEmpty`, `inputOutput`; `MetadataProblem` if the database is damaged.
    package func write(now: Int64) throws -> BackupDescription {
        guard BackupFiles.exists(data + "/wharf.db") else {
            throw BackupProblem(
                .notABackup,
                "there is no data of a server in \(data)",
                remedy: "name the server's data directory with --data"
            )
        }
        guard try BackupFiles.names(in: target).isEmpty else {
            throw BackupProblem(
                .notEmpty,
                "\(target) is not empty",
                remedy: "name a new directory for each backup"
            )
        }
        try BackupFiles.makeDirectory(target)
        // Made before SQLite opens it, for the owner only.
        try BackupFiles.write([], to: target + "/wharf.db")
        try SQLiteMetadataStore.copyDatabase(at: data + "/wharf.db", to: target + "/wharf.db")
        var description = BackupDescription(created: now)
        try describe(&description)
        try copyKeys()
        try BackupFiles.write(try description.encoded, to: target + "/backup.json")
        try BackupFiles.syncDirectory(target)
        return description
    }

    /// Everything that is told about the copy is read from the copy, so that it fits.
    private func describe(_ description: inout BackupDescription) throws {
        let store = try SQLiteMetadataStore(path: target + "/wharf.db")
        description.serverName = try store.readBlocking { try $0.setting("server.name") }
        try BackupFiles.makeDirectory(target + "/repositories")
        for name in try store.repositoryNames() {
            guard let record = try store.record(of: name), record.revision > 0 else { continue }
            description.repositories.append(
                BackupDescription.Repository(
                    name: name,
                    revision: record.revision,
                    timestamp: record.timestamp
                )
            )
            let directory = "\(target)/repositories/\(name)"
            try BackupFiles.makeDirectory(directory)
            try BackupFiles.write(record.manifest, to: directory + "/.cvmfspublished")
            let whitelist = "\(data)/repositories/\(name)/.cvmfswhitelist"
            if BackupFiles.exists(whitelist) {
                try BackupFiles.write(BackupFiles.read(whitelist), to: directory + "/.cvmfswhitelist")
            }
        }
        var lines = ""
        var last: String?
        while true {
            let records = try store.readBlocking { try $0.blobs(after: last, limit: 10_000) }
            guard let end = records.last else { break }
            last = end.digest.description
            for record in records {
                lines += "\(record.digest) \(record.size)\n"
                description.blobs += 1
                description.blobBytes += record.size
            }
        }
        try BackupFiles.write(Array(lines.utf8), to: target + "/blobs.txt")
        try store.close()
    }

    private func copyKeys() throws {
        try BackupFiles.makeDirectory(target + "/keys")
        for name in try BackupFiles.plainFiles(in: data + "/keys") {
            try BackupFiles.write(BackupFiles.read("\(data)/keys/\(name)"), to: "\(target)/keys/\(name)")
        }
        try BackupFiles.syncDirectory(target + "/keys")
    }
}
