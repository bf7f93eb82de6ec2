// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import Foundation
internal import MetadataStore
internal import MetadataStoreSQLite

/// The command `wharfd repo info`.
struct RepoInfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Tell about a repository: key, revision, whitelist.",
        discussion: """
            Compare the fingerprint over another channel before you trust a key.

            Example: wharf repo info unpacked.wharf.internal --data /srv/wharf
            """
    )

    @OptionGroup var arguments: RepositoryArguments

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let command = self
        let info = try await CommandThread.run { try command.info() }
        if json { try JSONOutput.write(info) } else { StandardStream.output.write(info.text) }
    }

    private func info() throws -> RepositoryInfo {
        let repository = try arguments.open()
        let head = try repository.head().manifest
        let manifest = head.manifest
        return RepositoryInfo(
            repository: manifest.repository,
            revision: manifest.revision,
            published: CalendarTime(unixSeconds: manifest.timestamp).iso8601,
            rootCatalog: manifest.rootCatalog.description,
            timeToLive: manifest.timeToLive,
            algorithm: try record(of: repository)?.algorithm.name ?? manifest.rootCatalog.algorithm.name,
            profile: try record(of: repository)?.profile,
            whitelistExpires: head.whitelistExpiry.iso8601,
            whitelistDaysLeft: (head.whitelistExpiry.unixSeconds - OpenRepository.now()) / 86400,
            keyFingerprint: head.keyFingerprint
        )
    }

    /// What the data directory has on record.
    ///
    /// The files alone do not tell how objects are compressed.
    private func record(of repository: OpenRepository) throws -> PublishedRepositoryRecord? {
        guard let data = repository.data, access(data + "/wharf.db", F_OK) == 0 else { return nil }
        return try SQLiteMetadataStore(path: data + "/wharf.db").record(of: repository.name.name)
    }
}

/// What `info` prints.
struct RepositoryInfo: Encodable, Sendable {
    let repository: String
    let revision: UInt64
    let published: String
    let rootCatalog: String
    /// Seconds.
    let timeToLive: Int64
    let algorithm: String
    /// How objects are compressed; `nil` where nothing is on record.
    let profile: String?
    let whitelistExpires: String
    let whitelistDaysLeft: Int64
    /// SHA-256 of the master public key in DER.
    let keyFingerprint: String

    /// For people.
    var text: String {
        """
        repository         \(repository)
        revision           \(revision), published \(published)
        root catalog       \(rootCatalog)
        time to live       \(timeToLive) s
        hash algorithm     \(algorithm)
        profile            \(profile ?? "not on record here")
        whitelist expires  \(whitelistExpires), in \(whitelistDaysLeft) days
        master key SHA-256 \(keyFingerprint)

        """
    }
}
