// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What a backup holds: the file `backup.json`, which is written last, so that a backup without it is unfinished.
package struct BackupDescription: Codable, Hashable, Sendable {
    /// The form of the backup; this program writes 1.
    package var format: Int
    /// When the database was copied, unix seconds.
    package var created: Int64
    /// The name under which images are published.
    package var serverName: String?
    package var repositories: [Repository]
    /// How many blobs the database names; `blobs.txt` lists them.
    package var blobs: Int
    /// The sum of their sizes.
    package var blobBytes: Int64

    static let currentFormat = 1

    /// A published repository.
    package struct Repository: Codable, Hashable, Sendable {
        package var name: String
        package var revision: UInt64
        /// Unix seconds.
        package var timestamp: Int64
    }

    /// Reads the description of a backup.
    ///
    /// - Throws: `notABackup`.
    package init(ofBackup directory: String) throws {
        let path = directory + "/backup.json"
        guard BackupFiles.exists(path) else {
            throw BackupProblem(
                .notABackup,
                "\(directory) is no backup, or an unfinished one: there is no backup.json",
                remedy: "name a directory that 'wharf admin backup' has made"
            )
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(BackupFiles.read(path)))
        } catch {
            throw BackupProblem(.notABackup, "\(path) cannot be understood", cause: error)
        }
        guard format == Self.currentFormat else {
            throw BackupProblem(
                .notABackup,
                "the backup \(directory) has the form \(format), this program knows \(Self.currentFormat)",
                remedy: "restore it with the version that made it"
            )
        }
    }

    init(created: Int64) {
        format = Self.currentFormat
        self.created = created
        repositories = []
        blobs = 0
        blobBytes = 0
    }

    var encoded: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return [UInt8](try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }
}
