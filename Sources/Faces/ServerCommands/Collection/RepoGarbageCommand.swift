// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat

/// The command `wharfd repo gc`.
struct RepoGarbageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Collect what nothing needs any more in one published repository.",
        discussion: """
            The server may run meanwhile. Trees without a link, layer indexes without an
            image, and objects without a revision go when their grace has passed
            (gc.treeGrace, gc.layerGrace, gc.objectGrace).

            Example: wharf repo gc unpacked.wharf.internal --data /srv/wharf --dry-run
            """
    )

    @Argument(help: "The repository's name in the data directory.")
    var repository: String

    @OptionGroup var options: CollectionOptions

    func validate() throws {
        guard RepositoryFQRN(repository) != nil else {
            throw ValidationError("'\(repository)' is no repository name such as sw.example.org")
        }
    }

    func run() async throws {
        try await options.request().collect(repository, isDryRun: options.dryRun)
    }
}
