// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import DataBackup
internal import Foundation

/// The command `wharfd admin backup`.
struct AdminBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the database and the keys, while the server runs.",
        discussion: """
            Blobs and the objects of repositories are not in it: copy blobs/, repositories/
            and layers/ with any tool, afterwards. blobs.txt lists the blobs that are
            needed.

            Example: wharf admin backup /backup/wharf-monday --data /srv/wharf
            """
    )

    @Argument(help: "A directory that is new or empty.")
    var target: String

    @Option(help: "The data directory.")
    var data = "./wharf-data"

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let writer = BackupWriter(data: data, target: target)
        let made = try await CommandThread.run { try writer.write(now: Int64(Date().timeIntervalSince1970)) }
        guard !json else { return try JSONOutput.write(made) }
        StandardStream.output.write(
            """
            Made the backup \(target): database, keys, \(made.repositories.count) published repositories.
            Copy \(data)/blobs, repositories and layers as well: \(made.blobs) blobs, \(made.blobBytes) bytes, are needed.

            """
        )
    }
}
