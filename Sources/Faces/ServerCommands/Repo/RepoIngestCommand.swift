// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import FileTree
internal import ImagePublishing
internal import MetadataStoreSQLite
internal import ServerAssembly

/// The command `wharfd repo ingest`.
struct RepoIngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Publish the content of a tar archive below a directory of a repository.",
        discussion: """
            A directory that exists stays as it is, everything else of the same path is
            replaced; deletions come first. The archive may be compressed with gzip or
            zstd. With a server running on the data directory, the archive goes through the
            server.

            Example:
              wharf repo ingest software.example.org --tar release.tar.gz --base /sw/1.2 \\
                  --data /srv/wharf
            """
    )

    @Argument(help: "The repository's name.")
    var name: String

    @Option(help: "The data directory.")
    var data = "./wharf-data"

    @Option(help: ArgumentHelp("The archive; - reads standard input.", valueName: "file"))
    var tar: String?

    @Option(help: "The directory that takes the archive's root; made if it is new.")
    var base = "/"

    @Option(help: "A path that is removed first, from the repository's root; may be repeated.")
    var delete: [String] = []

    func validate() throws {
        guard RepositoryFQRN(name) != nil else {
            throw ValidationError(
                "'\(name)' is no repository name; write letters, digits and at least one dot"
            )
        }
        guard tar != nil || !delete.isEmpty else {
            throw ValidationError("nothing to do; give --tar, --delete, or both")
        }
    }

    func run() async throws {
        let revision = try await RunningServer.orAlone(data: data) { directory in
            try await alone(directory)
        } through: { server in
            let query = [("name", name), ("base", base)] + delete.map { ("delete", $0) }
            let answer = try await server.post("/ingest", query: query, file: tar)
            return answer["revision"].map { "\($0)" } ?? "unknown"
        }
        StandardStream.output.write("Published revision \(revision) of \(name).\n")
    }

    private func alone(_ directory: DataDirectory) async throws -> String {
        // `validate` has seen to it that the name is one.
        guard let fqrn = RepositoryFQRN(name) else { throw ExitCode.validationFailure }
        let (tar, base, deletions) = (tar, TreePath(base), delete.map { TreePath($0) })
        return try await CommandThread.run {
            let store = try SQLiteMetadataStore(path: directory.database)
            let writer = RepositoryWriter(data: directory.path, records: store)
            guard let tar else {
                return "\(try writer.ingest(nil, into: fqrn, at: base, deleting: deletions))"
            }
            let archive = try ArchiveFile(path: tar)
            let revision = try writer.ingest(
                { try archive.read(into: $0) },
                into: fqrn,
                at: base,
                deleting: deletions
            )
            return "\(revision)"
        }
    }
}
