// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import ClientConfiguration
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
    /// - Parameter onReady: told the settings once the tree is readable.
    /// - Throws: what keeps the repository from being mounted.
    func run(onReady: (MountSettings) -> Void) throws {
        Self.raiseFileLimit()
        ThreadHeaps.bound()
        let report: @Sendable (String) -> Void = { LogLine.write($0) }
        let cache = try ObjectCache(
            directory: settings.cacheDirectory,
            limitInBytes: settings.cacheLimitInBytes,
            now: { Int64(time(nil)) },
            report: report
        )
        for warning in settings.warnings { report(warning) }
        let network = try MountNetwork(settings, report)
        let source = ReplaceableSource(network.source)
        let memory = RevisionMemory(directory: settings.cacheDirectory)
        let reader = try reader(source, cache, memory: memory, report)
        let session = try MountSession(
            reader: reader,
            cache: cache,
            revisions: try network.revisions(),
            tag: settings.tag,
            at: target,
            options: settings.options,
            control: controlPlan(source, report),
            report: report
        )
        session.run { onReady(settings) }
    }

    /// What reads the repository from a source.
    func reader(
        _ source: any RepositorySource,
        _ cache: ObjectCache,
        memory: RevisionMemory?,
        _ report: @escaping @Sendable (String) -> Void
    ) throws -> RepositoryReader {
        RepositoryReader(
            repository: settings.repository,
            source: source,
            external: try MountNetwork.external(settings, report),
            keys: try keys(),
            cache: cache,
            memory: memory,
            now: { Int64(time(nil)) }
        )
    }

    private func controlPlan(
        _ source: ReplaceableSource,
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
            reload: {
                do {
                    let settings = try request.settings()
                    let old = shown.withLock { $0 }
                    let reload = MountReload(from: old.parameters, to: settings.parameters)
                    if reload.changesNetwork {
                        source.replace(by: try MountNetwork(settings, report).source)
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

/// Lines of the client's log.
enum LogLine {
    /// Writes a line with the time in UTC to the standard error stream.
    static func write(_ text: String) {
        StandardError.print("\(CalendarTime(unixSeconds: Int64(time(nil))).iso8601) \(text)")
    }
}
