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
        case .timeoutInfo: return ControlText.timeouts(plan.parameters)
        case .order(let order):
            state.reader.source.obey(order)
            return "OK"
        case .remount: return remount()
        case .openCatalogs: return ControlText.catalogs(state.nodes.shownCatalogs())
        case .detachCatalogs:
            state.catalogs.removeAll()
            return "OK"
        case .parameters: return plan.parameters
        case .cacheSize: return ControlText.cacheSize(state.cache)
        case .cacheInstance: return "directory \(state.cache.directory)"
        case .cacheLimit: return "\(state.cache.limitInBytes >> 20)"
        case .trackedNodes: return "\(state.nodes.count)"
        case .longestTimeToLive:
            return state.options.refreshInterval.map { "\(Int($0.inSeconds / 60)) minutes" } ?? "unset"
        case .internals: return status.lines
        case .metrics: return status.metrics
        case .status: return status.json
        case .resetErrors:
            state.counters.forgetFailures()
            return "OK"
        case .traceBegin: return beginTrace()
        case .traceEnd: return endTrace()
        case .reload: return plan.reload()
        case .declined(let reason): return "not done: \(reason)"
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

    static func timeouts(_ parameters: String) -> String {
        func value(_ name: String, _ standard: String) -> String {
            let line = parameters.split(separator: "\n").last { $0.hasPrefix(name + "=") }
            return line.map { String($0.dropFirst(name.count + 1)) } ?? standard
        }
        return "Timeout with proxy: \(value("CVMFS_TIMEOUT", "5"))s\n"
            + "Timeout without proxy: \(value("CVMFS_TIMEOUT_DIRECT", "10"))s"
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
