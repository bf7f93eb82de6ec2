// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import ClientConfiguration
internal import Digests
internal import MountClient
internal import ObjectCache
internal import Synchronization

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
        let network = try MountNetwork(settings, report)
        let source = ReplaceableSource(network.source)
        let memory = RevisionMemory(directory: settings.workspace)
        let external = try MountNetwork.external(settings, report).map { ReplaceableSource($0) }
        let reader = try reader(source, external: external, cache, memory: memory)
        if case .root(let hash) = settings.choice,
            ParameterSet.isTrue(settings.parameters["CVMFS_ALT_ROOT_PATH"] ?? "no")
        {
            try reader.fetchByLink(hash)
        }
        let session = try MountSession(
            reader: reader,
            cache: cache,
            revisions: try network.revisions(),
            showing: settings.choice,
            at: target,
            options: try options(),
            control: controlPlan(source, external, report),
            report: report
        )
        session.run(onReady: onReady)
    }

    /// The options, with what only this room knows for the magic attributes.
    private func options() throws -> MountOptions {
        var options = settings.options
        if settings.isExported {
            options.exportDirectory = settings.exportDirectory ?? settings.cacheDirectory
        }
        options.numbersDirectory = settings.workspace
        let network = settings.network
        let externalTimeout = network.externalTimeoutInSeconds ?? network.timeoutInSeconds
        let publicKeys = try keys().keys.map { String(decoding: $0.pem, as: UTF8.self) }.joined()
        options.facts = [
            "user.version": { VersionCommand.version },
            "user.pubkeys": { publicKeys },
            "user.timeout": { String(network.timeoutInSeconds) },
            "user.timeout_direct": { String(network.directTimeoutInSeconds) },
            "user.external_timeout": { String(externalTimeout) },
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

    private func controlPlan(
        _ source: ReplaceableSource,
        _ external: ReplaceableSource?,
        _ report: @escaping @Sendable (String) -> Void
    ) -> ControlPlan {
        let shown = Mutex(settings)
        let request = request
        return ControlPlan(
            sockets: settings.controlSockets(process: getpid()),
            owner: settings.parameters["CVMFS_TALK_OWNER"].flatMap(UserName.identifier),
            version: VersionCommand.version,
            parameters: settings.parameters.entries.sorted { $0.key < $1.key }
                .map { "\($0.key)=\($0.value.value)" }.joined(separator: "\n"),
            metricsFile: settings.metricsFile,
            reload: {
                do {
                    let settings = try request.settings()
                    let old = shown.withLock { $0 }
                    let reload = MountReload(from: old.parameters, to: settings.parameters)
                    if reload.changesNetwork {
                        source.replace(by: try MountNetwork(settings, report).source)
                    }
                    if reload.changesExternal, let external,
                        let servers = try MountNetwork.external(settings, report)
                    {
                        external.replace(by: servers)
                    }
                    shown.withLock { $0 = settings }
                    report("read the configuration again: \(reload.report)")
                    return reload.report
                } catch {
                    return "Failed: \(error)"
                }
            }
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
                    remedy: "check --public-key"
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
