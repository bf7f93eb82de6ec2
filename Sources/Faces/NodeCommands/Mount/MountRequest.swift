// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import ClientConfiguration

/// What somebody asked to be mounted, before the node's files had their say: kept, so that a running mount can read them again.
struct MountRequest: Sendable {
    let repository: RepositoryFQRN
    /// `key=value`, in the order in which later ones win: the lists of `-o`, then the flags.
    let words: [String]

    /// Brings the request and the node's files together.
    ///
    /// - Throws: `SettingProblem`, also if something essential is missing.
    func settings() throws(SettingProblem) -> MountSettings {
        let configuration = try NodeConfiguration(
            of: repository,
            configurationRepository: ConfigurationRepository.prepare
        )
        try Self.requireListed(repository, configuration.parameters)
        let settings = try MountSettings(repository: repository, words: words, configuration: configuration)
        try settings.requireEssentials()
        return settings
    }

    private static func requireListed(
        _ repository: RepositoryFQRN,
        _ parameters: ParameterSet
    ) throws(SettingProblem) {
        guard ParameterSet.isTrue(parameters["CVMFS_STRICT_MOUNT"] ?? "no"),
            repository.name != parameters["CVMFS_CONFIG_REPOSITORY"]
        else { return }
        let names = parameters.repositories.map { NodeConfiguration.repository($0)?.name ?? $0 }
        guard !names.contains(repository.name) else { return }
        throw SettingProblem(
            .notListed,
            "\(repository) is not in CVMFS_REPOSITORIES, and CVMFS_STRICT_MOUNT is on",
            remedy: "add it in /etc/cvmfs/default.local"
        )
    }
}
