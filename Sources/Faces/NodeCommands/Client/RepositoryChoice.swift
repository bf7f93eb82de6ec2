// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CVMFSReader
internal import ObjectCache

/// The repository that a command reads without a mount, by the settings that a mount would have.
struct RepositoryChoice: ParsableArguments {
    @OptionGroup var flags: MountFlags

    @Argument(help: "The repository's name.")
    var repository: String

    /// What a mount would be made of.
    ///
    /// - Throws: `SettingProblem`.
    func request() throws(SettingProblem) -> MountRequest { try flags.request(for: repository) }

    /// What reads the repository through a cache.
    func reader(
        _ request: MountRequest,
        _ settings: MountSettings,
        _ cache: any CacheStore,
        _ report: @escaping @Sendable (String) -> Void
    ) throws -> RepositoryReader {
        try WorkDirectory.make(settings.workspace)
        let service = MountService(request, settings, at: "")
        return try service.reader(
            try MountNetwork(settings, report).source,
            external: try MountNetwork.external(settings, report),
            cache,
            memory: RevisionMemory(directory: settings.workspace)
        )
    }
}
