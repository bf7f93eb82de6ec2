// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `wharfd repo`: what can be done with one repository.
struct RepoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repo",
        abstract: "Make, look at and verify repositories.",
        discussion: """
            REPOSITORY is a name in the data directory; ls, cat, tree, info and check also
            take a directory or an address of any CVMFS repository.

            Example: wharf repo check unpacked.wharf.internal --data /srv/wharf
            """,
        subcommands: [
            RepoCreateCommand.self,
            RepoIngestCommand.self,
            RepoListCommand.self,
            RepoInfoCommand.self,
            RepoCatCommand.self,
            RepoTreeCommand.self,
            RepoCheckCommand.self,
            RepoGarbageCommand.self,
        ]
    )
}
