// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import ObjectCache

#if canImport(Glibc)
internal import Glibc
#endif

/// Answers what is asked by the control socket.
final class ControlDesk: Sendable {
    private let state: MountState
    /// `nil` for a mount that stays at its revision.
    private let watcher: RevisionWatcher?
    private let plan: ControlPlan
    private let target: String
    private let contents: KernelContents

    init(
        _ state: MountState,
        _ watcher: RevisionWatcher?,
        _ plan: ControlPlan,
        target: String,
        contents: KernelContents
    ) {
        self.contents = contents
        self.state = state
        self.watcher = watcher
        self.plan = plan
        self.target = target
    }

    /// The answer to one command, with a line's end.
    func answer(_ text: String) -> String {
        guard let command = ControlCommand(text) else { return "unknown command\n" }
        let answer = answer(command)
        return answer.hasSuffix("\n") || answer.isEmpty ? answer : answer + "\n"
    }

    private func answer(_ command: ControlCommand) -> String {
        let shown = state.shown
        switch command {
        case .mountpoint: return target
        case .deviceID: return deviceID
        case .revision: return "\(shown.revision)"
        case .rootHash: return "\(shown.rootHash)"
        case .processID: return "\(getpid())"
        case .version: return plan.version
        case .hostInfo: return ControlText.hosts(state.reader.source.status)
        case .proxyInfo: return ControlText.proxies(state.reader.source.status)
        case .timeoutInfo: return ControlText.timeouts(plan.configuration.timeouts)
        case .externalHostInfo: return ControlText.hosts(external)
        case .externalProxyInfo: return ControlText.proxies(external)
        case .externalOrder(let order):
            state.reader.external?.obey(order)
            return "OK"
        case .change(let change): return take(change)
        case .nameServerInfo: return plan.configuration.nameServer ?? "the system's, see /etc/resolv.conf"
        case .order(let order):
            state.reader.source.obey(order)
            return "OK"
        case .remount: return remount()
        case .openCatalogs: return ControlText.catalogs(state.nodes.shownCatalogs())
        case .detachCatalogs:
            state.catalogs.removeAll()
            return "OK"
        case .parameters: return plan.configuration.parameters
        case .cacheSize: return ControlText.cacheSize(state.cache)
        case .cacheInstance: return "directory \(state.cache.directory)"
        case .cacheLimit: return "\(state.cache.limitInBytes >> 20)"
        case .setCacheLimit(let megabytes): return cache.setLimit(megabytes: megabytes)
        case .cleanUp(let megabytes): return cache.cleanUp(megabytes: megabytes)
        case .countCleanups(let minutes): return cache.cleanupCount(minutes: minutes, now: Int64(time(nil)))
        case .evict(let path): return cache.evict(path)
        case .list(let selection): return cache.list(selection)
        case .trackedNodes: return "\(state.nodes.count)"
        case .longestTimeToLive:
            return state.longestTimeToLive.map { "\(Int($0.inSeconds / 60)) minutes" } ?? "unset"
        case .setLongestTimeToLive(let minutes): return setLongestTimeToLive(minutes: minutes)
        case .internals: return status.lines
        case .latency:
            return state.latencies?.table
                ?? "not done: set CVMFS_INSTRUMENT_FUSE=yes and mount anew; wharf client stat counts without it"
        case .metrics: return status.metrics
        case .status: return status.json
        case .resetErrors:
            state.counters.forgetFailures()
            return "OK"
        case .traceBegin: return beginTrace()
        case .traceEnd: return endTrace()
        case .reload: return plan.configuration.reload()
        case .declined(let reason): return "not done: \(reason)"
        case .usage(let text): return text
        }
    }

    /// The numbers of the mount, in the text form of Prometheus.
    var metrics: String { status.metrics }

    private func beginTrace() -> String {
        guard state.touches.beginRecord() else { return "not done: somebody records already" }
        // What the kernel holds is used without a request, and would not be seen.
        contents.drop()
        return "OK"
    }

    private func endTrace() -> String {
        guard let paths = state.touches.endRecord() else { return "not done: nobody records" }
        // A path with a line's end in it cannot be told in lines.
        return paths.filter { !$0.contains(UInt8(ascii: "\n")) }
            .map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
    }

    private var cache: CacheControl { CacheControl(state) }

    private var external: TransferStatus { state.reader.external?.status ?? TransferStatus() }

    private func take(_ change: ControlChange) -> String {
        do {
            try plan.configuration.take(change)
            return "OK"
        } catch {
            return "not done: \(error)"
        }
    }

    private func setLongestTimeToLive(minutes: Int64) -> String {
        state.setLongestTimeToLive(minutes > 0 ? .seconds(minutes * 60) : nil)
        watcher?.intervalChanged()
        return "OK"
    }

    private var status: MountStatus { MountStatus(state, plan, target: target) }

    private func remount() -> String {
        guard let watcher else { return "Catalog up to date" }
        switch watcher.refresh() {
        case .shown: return "New revision applied"
        case .known: return "Catalog up to date"
        case .refused, .unknown: return "Failed"
        }
    }

    private var deviceID: String {
        var status = stat()
        guard stat(target, &status) == 0 else { return "unknown" }
        let device = UInt64(status.st_dev)
        return "\(device >> 8 & 0xFFF):\(device & 0xFF | (device >> 12 & ~0xFF))"
    }
}

/// Answers as the stock client's tool words them.
enum ControlText {
    static func hosts(_ status: TransferStatus) -> String {
        guard !status.servers.isEmpty else { return "No hosts defined" }
        let lines = status.servers.enumerated().map { "  [\($0)] \($1)" }
        let active = status.server.flatMap { status.servers.firstIndex(of: $0) } ?? 0
        return lines.joined(separator: "\n") + "\nActive host \(active): \(status.servers[active])"
    }

    static func proxies(_ status: TransferStatus) -> String {
        guard !status.proxies.isEmpty else { return "No proxies defined" }
        let groups = status.proxies.enumerated().map { "  [\($0)] \($1.joined(separator: ", "))" }
        return "Load-balance groups:\n" + groups.joined(separator: "\n")
            + "\nActive proxy: \(status.proxy ?? "DIRECT")"
    }

    static func timeouts(_ timeouts: (proxied: Int64, direct: Int64)) -> String {
        "Timeout with proxy: \(timeouts.proxied)s\nTimeout without proxy: \(timeouts.direct)s"
    }

    static func cacheSize(_ cache: any CacheStore) -> String {
        let (used, limit) = (cache.totalSize, cache.limitInBytes)
        return "Current cache size is \(used >> 20)MB (\(used) Bytes) of \(limit >> 20)MB (\(limit) Bytes)"
    }

    static func catalogs(_ catalogs: [ShownCatalog]) -> String {
        let lines = catalogs.map { "\(Self.path($0.prefix + $0.mountPath))  \($0.hash)" }
        return lines.sorted().joined(separator: "\n")
    }

    private static func path(_ bytes: [UInt8]) -> String {
        bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
    }
}
