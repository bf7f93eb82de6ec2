// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The repository that a command reads without a mount, by the settings that a mount would have.
struct RepositoryChoice: ParsableArguments {
    @Option(help: "Base addresses of the repository, separated by commas; @fqrn@ and @org@ are expanded.")
    var server: String?

    @Option(help: "File with the repository's master public key.")
    var publicKey: String?

    @Option(help: "File with NAME:SECRET or a token, for a private repository.")
    var tokenFile: String?

    @Option(name: .customShort("o"), help: "Options as for wharf mount, key=value, separated by commas.")
    var options: [String] = []

    @Argument(help: "The repository's name.")
    var repository: String

    /// The settings of a mount of the repository.
    ///
    /// - Throws: `SettingProblem`.
    func settings(cache: String?) throws -> MountSettings {
        try MountSettings(
            repository: repository,
            options: options,
            flags: [
                ("server", server), ("public-key", publicKey), ("cache", cache), ("token-file", tokenFile),
            ]
        )
    }
}
