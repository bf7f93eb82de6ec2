// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import ClientConfiguration
internal import Digests
internal import MountClient
internal import ObjectCache

#if canImport(Glibc)
internal import Glibc
#endif

/// Builds a mount out of its settings and serves it.
struct MountService {
    private let request: MountRequest
    private let settings: MountSettings
    private let target: String

    init(_ request: MountRequest, _ settings: MountSettings, at target: String) {
        self.request = request
        self.settings = settings
        self.target = target
    }

    /// Serves until the file system is unmounted.
    ///
    /// - Parameters:
    ///   - onStart: told the log once its directory is there, before there is anything to say.
    ///   - onReady: called once the tree is readable.
    /// - Throws: what keeps the repository from being mounted.
    func run(onStart: (MountLog) -> Void = { _ in }, onReady: () -> Void = {}) throws {
        Self.raiseFileLimit()
        settings.applyToProcess()
        ThreadHeaps.bound()
        let log = MountLog(
            repository: settings.repository.name,
            mountpoint: target,
            prefix: settings.parameters["CVMFS_SYSLOG_PREFIX"] ?? ""
        )
        let report: @Sendable (String) -> Void = { log.write($0) }
        try WorkDirectory.make(settings.workspace)
        onStart(log)
        for warning in settings.warnings { report(warning) }
        let kept = try settings.cachePlan.open(report)
        // A mount that ends leaves no memory behind.
        defer { kept.end() }
        let cache: any CacheStore = settings.isStreaming ? StreamingCache(keepingMetadataIn: kept) : kept
        let network = try LiveNetwork(request, settings, report)
        let memory = RevisionMemory(directory: settings.workspace)
        let reader = try reader(network.source, external: network.external, cache, memory: memory)
        if case .root(let hash) = settings.choice,
            ParameterSet.isTrue(settings.parameters["CVMFS_ALT_ROOT_PATH"] ?? "no")
        {
            try reader.fetchByLink(hash)
        }
        let session = try MountSession(
            reader: reader,
            cache: cache,
            revisions: network.revisions,
            showing: settings.choice,
            at: target,
            options: try options(network),
            control: controlPlan(network),
            report: report
        )
        session.run(onReady: onReady)
    }

    /// The options, with what only this room knows for the magic attributes.
    private func options(_ network: LiveNetwork) throws -> MountOptions {
        var options = settings.options
        if settings.isExported {
            options.exportDirectory = settings.exportDirectory ?? settings.cacheDirectory
        }
        options.numbersDirectory = settings.workspace
        let publicKeys = try keys().keys.map { String(decoding: $0.pem, as: UTF8.self) }.joined()
        options.facts = [
            "user.version": { VersionCommand.version },
            "user.pubkeys": { publicKeys },
            "user.timeout": { String(network.timeouts.proxied) },
            "user.timeout_direct": { String(network.timeouts.direct) },
            "user.external_timeout": { String(network.externalTimeout) },
        ]
        return options
    }

    /// What reads the repository from its servers, and files that are kept elsewhere from theirs.
    func reader(
        _ source: any RepositorySource,
        external: (any RepositorySource)?,
        _ cache: any CacheStore,
        memory: RevisionMemory?
    ) throws -> RepositoryReader {
        RepositoryReader(
            repository: settings.repository,
            source: source,
            external: external,
            keys: try keys(),
            cache: cache,
            memory: memory,
            blacklist: { [settings] in settings.blacklist },
            now: { Int64(time(nil)) }
        )
    }

    private func controlPlan(_ network: LiveNetwork) -> ControlPlan {
        ControlPlan(
            sockets: settings.controlSockets(process: getpid()),
            owner: settings.parameters["CVMFS_TALK_OWNER"].flatMap(UserName.identifier),
            version: VersionCommand.version,
            metricsFile: settings.metricsFile,
            configuration: network
        )
    }

    /// The master keys that are installed.
    func keys() throws -> MasterKeys {
        var files: [[UInt8]] = []
        for path in settings.publicKeys {
            guard let content = SmallFile.read(path) else {
                throw SettingProblem(
                    .noKey,
                    "the public key \(path) cannot be read",
                    remedy: "check CVMFS_PUBLIC_KEY, or --public-key"
                )
            }
            files.append(content)
        }
        return try MasterKeys(pemFiles: files)
    }

    /// Raises the number of files that may be open as far as this user may.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
