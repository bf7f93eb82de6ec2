// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSReader
internal import Foundation
internal import Problems

/// The command `wharfd repo cat`.
struct RepoCatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Print the content of a file of a repository.",
        discussion: """
            Example:
              wharf repo cat http://registry.example.org/cvmfs/sw.example.org /README \\
                  --public-key sw.pub
            """
    )

    @Argument(
        help: "A repository's name in the data directory, or the path or address of any CVMFS repository."
    )
    var repository: String

    @Argument(help: "The path inside the repository.")
    var path: String

    @OptionGroup var place: RepositoryPlace
    @OptionGroup var revision: RevisionOption

    func run() async throws {
        let command = self
        try await CommandThread.run {
            let view = try TreeView(OpenRepository(command.repository, command.place), command.revision)
            try view.read(try view.find(command.path)) { try Self.write($0) }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(STDOUT_FILENO, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemCallProblem("write to", "the standard output") }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
