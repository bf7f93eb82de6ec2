// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSFormat

/// The words by which a repository is named.
struct RepositoryArguments: ParsableArguments {
    @Argument(
        help: "A repository's name in the data directory, or the path or address of any CVMFS repository."
    )
    var repository: String

    @OptionGroup var place: RepositoryPlace

    /// Opens the repository for reading.
    func open() throws -> OpenRepository { try OpenRepository(repository, place) }
}

/// Where repositories and keys are.
struct RepositoryPlace: ParsableArguments {
    @Option(help: "The data directory.")
    var data = "./wharf-data"

    @Option(
        name: .customLong("public-key"),
        help: ArgumentHelp(
            "The master public key of a repository that is given by path or address; may be repeated.",
            valueName: "file"
        )
    )
    var publicKeys: [String] = []
}

/// Which revision is looked at.
struct RevisionOption: ParsableArguments {
    @Option(help: "Look at this tag instead of the newest revision.")
    var tag: String?
}
