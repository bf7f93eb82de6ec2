// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import CVMFSReader
internal import Foundation

/// The command `wharfd repo ls`.
struct RepoListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List a directory of a repository, or the repositories of a data directory.",
        discussion: """
            Example: wharf repo ls unpacked.wharf.internal /127.0.0.1:5000 --data /srv/wharf
            """
    )

    @Argument(
        help:
            "A repository's name, path or address; without it, the data directory's repositories are listed."
    )
    var repository: String?

    @Argument(help: "The path inside the repository.")
    var path = "/"

    @OptionGroup var place: RepositoryPlace
    @OptionGroup var revision: RevisionOption

    @Flag(name: [.short, .long], help: "Print types, permissions, owners, sizes and times.")
    var long = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let command = self
        try await CommandThread.run {
            if let repository = command.repository {
                try command.list(repository)
            } else {
                try command.listRepositories()
            }
        }
    }

    private func list(_ words: String) throws {
        let repository = try OpenRepository(words, place)
        let view = try TreeView(repository, revision)
        let found = try view.find(path)
        let entries = found.entry.isDirectory ? try view.children(of: found) : [found]
        let lines = entries.map { EntryLine(entry: $0.entry, name: $0.entry.name) }
        if json {
            try JSONOutput.write(lines.map(\.json))
        } else {
            for line in lines {
                StandardStream.output.write((long ? line.text : EntryLine.escaped(line.name)) + "\n")
            }
        }
    }

    private func listRepositories() throws {
        let directory = place.data + "/repositories"
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: directory) } catch {
            throw RepoProblem(
                .noRepository,
                "there is no data directory \(place.data)",
                remedy: "name it with --data",
                cause: error
            )
        }
        let repositories = names.filter { RepositoryFQRN($0) != nil }.sorted()
        if json {
            try JSONOutput.write(repositories)
        } else {
            for name in repositories { StandardStream.output.write(name + "\n") }
        }
    }
}
