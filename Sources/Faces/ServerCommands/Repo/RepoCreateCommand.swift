// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import CompressionCodecs
internal import Digests
internal import ImagePublishing
internal import MetadataStoreSQLite
internal import ServerAssembly

/// The command `wharfd repo create`.
struct RepoCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an empty repository with its keys.",
        discussion: """
            Both choices hold for the repository's whole life. fast packs quickest, compact
            packs smaller, identical packs byte for byte as the stock publisher does (files
            over 2 MiB are cut into pieces of their own all the same).

            Example:
              wharf repo create software.example.org --data /srv/wharf --profile identical
            """
    )

    @Argument(help: "The name, such as software.example.org.")
    var name: String

    @Option(help: "The data directory; made if it is new.")
    var data = "./wharf-data"

    @Option(help: "How objects are compressed: fast, compact or identical.")
    var profile = CompressionProfile.compact.rawValue

    @Option(help: "How objects are named: sha1, rmd160 or shake128.")
    var hash = ContentHashAlgorithm.shake128.name

    func validate() throws {
        guard RepositoryFQRN(name) != nil else {
            throw ValidationError(
                "'\(name)' is no repository name; write letters, digits and at least one dot"
            )
        }
        guard CompressionProfile(rawValue: profile) != nil else {
            throw ValidationError("'\(profile)' is no profile; choose fast, compact or identical")
        }
        guard ContentHashAlgorithm(name: hash) != nil else {
            throw ValidationError("'\(hash)' is no hash algorithm; choose sha1, rmd160 or shake128")
        }
    }

    func run() async throws {
        // `validate` has seen to it that these exist.
        guard let fqrn = RepositoryFQRN(name), let profile = CompressionProfile(rawValue: profile),
            let algorithm = ContentHashAlgorithm(name: hash)
        else { throw ExitCode.validationFailure }
        let fingerprint = try await RunningServer.orAlone(data: data) { directory in
            try await CommandThread.run {
                let store = try SQLiteMetadataStore(path: directory.database)
                return try RepositoryWriter(data: directory.path, records: store)
                    .create(fqrn, profile: profile, algorithm: algorithm)
            }
        } through: { server in
            let query = [("name", name), ("profile", profile.rawValue), ("hash", algorithm.name)]
            return try await server.post("", query: query)["fingerprint"].map { "\($0)" } ?? "unknown"
        }
        StandardStream.output.write(
            """
            Made the repository \(fqrn) in \(data).
            Master public key: \(data)/keys/\(fqrn).pub
            SHA-256 of it:     \(fingerprint)

            """
        )
    }
}
