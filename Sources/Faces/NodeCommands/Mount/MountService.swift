// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import ClientConfiguration
internal import Digests
internal import HTTPFetching
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
    /// - Parameter onReady: told the settings and the log once the tree is readable.
    /// - Throws: what keeps the repository from being mounted.
    func run(onReady: (MountSettings, MountLog) -> Void) throws {
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
        let kept = try settings.cachePlan.open(report)
        // A mount that ends leaves no memory behind.
        defer { kept.end() }
        let cache: any CacheStore = settings.isStreaming ? StreamingCache(keepingMetadataIn: kept) : kept
        let source = ReplaceableSource(try makeSource(settings.servers, report))
        let memory = RevisionMemory(directory: settings.workspace)
        let reader = try reader(source, cache, memory: memory, report)
        let session = try MountSession(
            reader: reader,
            cache: cache,
            revisions: try revisions(),
            showing: settings.choice,
            at: target,
            options: try options(),
            control: controlPlan(source, report),
            report: report
        )
        session.run {
            onReady(settings, log)
            for warning in settings.warnings { report(warning) }
        }
    }

    /// The options, with what only this room knows for the magic attributes.
    private func options() throws -> MountOptions {
        var options = settings.options
        if settings.isExported {
            options.exportDirectory = settings.exportDirectory ?? settings.cacheDirectory
        }
        let timeout = String(settings.timeoutInSeconds)
        let publicKeys = try keys().keys.map { String(decoding: $0.pem, as: UTF8.self) }.joined()
        options.facts = [
            "user.version": { VersionCommand.version },
            "user.pubkeys": { publicKeys },
            "user.timeout": { timeout },
            "user.timeout_direct": { timeout },
            "user.external_timeout": { timeout },
        ]
        return options
    }

    /// What reads the repository from a source.
    func reader(
        _ source: any RepositorySource,
        _ cache: any CacheStore,
        memory: RevisionMemory?,
        _ report: @escaping @Sendable (String) -> Void
    ) throws -> RepositoryReader {
        RepositoryReader(
            repository: settings.repository,
            source: source,
            external: settings.externalServers.isEmpty
                ? nil : try makeSource(settings.externalServers, report, isExternal: true),
            keys: try keys(),
            cache: cache,
            memory: memory,
            blacklist: { [settings] in settings.blacklist },
            now: { Int64(time(nil)) }
        )
    }

    private func controlPlan(
        _ source: ReplaceableSource,
        _ report: @escaping @Sendable (String) -> Void
    ) -> ControlPlan {
        let shown = Mutex(settings)
        let (request, target) = (request, target)
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
                        let service = MountService(request, settings, at: target)
                        source.replace(by: try service.makeSource(settings.servers, report))
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

    /// What fetches from some servers, by way of the proxies.
    func makeSource(
        _ servers: [String],
        _ report: @escaping @Sendable (String) -> Void,
        isExternal: Bool = false
    ) throws(SettingProblem) -> any RepositorySource {
        if let path = servers.first, path.hasPrefix("/") { return DirectorySource(path) }
        // The servers of external files are somebody else's, and never get to see the credentials.
        let fetcher = try fetcher(
            idleTimeout: .seconds(settings.timeoutInSeconds * 2),
            showingCredentials: !isExternal
        )
        return HTTPSource(ServerList(servers, fetcher: fetcher, report: report))
    }

    /// What tells of new revisions; `nil` if that is not wanted, or the repository is a directory.
    private func revisions() throws(SettingProblem) -> HTTPRevisionSource? {
        guard settings.options.listens, let first = settings.servers.first, !first.hasPrefix("/") else {
            return nil
        }
        // What is encrypted goes through a cache unseen, which can join nothing then.
        let isJoined = settings.proxy != nil && first.hasPrefix("http://")
        let way = isJoined ? HTTPRevisionSource.Way.joined : .stream
        return HTTPRevisionSource(
            ServerList.bases(settings.servers),
            way: way,
            fetcher: try fetcher(idleTimeout: way.idleTimeout)
        )
    }

    private func fetcher(
        idleTimeout: Duration,
        showingCredentials: Bool = true
    ) throws(SettingProblem) -> HTTPFetcher {
        var configuration = HTTPFetcher.Configuration()
        configuration.connectTimeout = .seconds(settings.timeoutInSeconds)
        configuration.idleTimeout = idleTimeout
        configuration.userAgent = "wharf/\(VersionCommand.version)"
        if showingCredentials, let path = settings.tokenFile {
            configuration.authorization = try TokenFile.read(path)
        }
        if let proxy = settings.proxy {
            guard let address = ProxyAddress(proxy) else {
                throw SettingProblem(
                    .option,
                    "'\(proxy)' is no proxy",
                    remedy: "write http://host:port or DIRECT"
                )
            }
            configuration.proxy = address
        }
        return HTTPFetcher(configuration)
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
