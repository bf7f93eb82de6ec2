// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests

/// The command `wharfd repo tree`.
struct RepoTreeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "List everything below a path, one line for each entry, in the form of mtree(5).",
        discussion: """
            Two trees are equal if the sorted lists are, with --contents to the last byte.

            Example:
              wharf repo tree unpacked.wharf.internal /.flat --contents --data /srv/wharf
            """
    )

    @Argument(
        help: "A repository's name in the data directory, or the path or address of any CVMFS repository."
    )
    var repository: String

    @Argument(help: "The path inside the repository.")
    var path = "/"

    @OptionGroup var place: RepositoryPlace
    @OptionGroup var revision: RevisionOption

    @Flag(help: "Read every file and print its SHA-256.")
    var contents = false

    @Flag(help: "Print JSON, one object in each line.")
    var json = false

    func run() async throws {
        let command = self
        try await CommandThread.run {
            let view = try TreeView(OpenRepository(command.repository, command.place), command.revision)
            try command.print(try view.find(command.path), in: view)
        }
    }

    /// Prints an entry and all below it; directories wait in a list, since a hostile tree may be deep.
    private func print(_ top: FoundEntry, in view: TreeView) throws {
        let hasher = IncrementalDigest(.sha256)
        var pending: [(FoundEntry, [UInt8])] = [(top, Array(".".utf8))]
        while let (found, name) = pending.popLast() {
            var line = EntryLine(entry: found.entry, name: name)
            if contents, found.entry.isRegular {
                try view.read(found) { hasher.update($0) }
                line.contentDigest = Hexadecimal.text(of: hasher.finish())
            }
            if json {
                try JSONOutput.writeLine(line.json)
            } else {
                StandardStream.output.write(line.text + "\n")
            }
            for child in try view.children(of: found).reversed() {
                pending.append((child, name + [UInt8(ascii: "/")] + child.entry.name))
            }
        }
    }
}
