// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import ClientConfiguration
internal import HTTPFetching
internal import MountClient
internal import Synchronization

/// The network of a mount that runs: servers, proxies and time limits can be changed by hand, and read from the files again.
///
/// Whatever is changed, all of it is built anew and takes the place of what was there at once; transfers that are under way end
/// with what they began with. Who tells of revisions always is who is asked for them.
final class LiveNetwork: RunningConfiguration {
    private struct State {
        var settings: MountSettings
        var handmade: Set<HandmadeChange> = []
    }

    /// Where the repository comes from.
    let source: ReplaceableSource
    /// Where external files come from; `nil` if nobody said so when the mount was made.
    let external: ReplaceableSource?
    /// Who tells of revisions; `nil` if that is not wanted.
    let revisions: ReplaceableRevisionSource?
    private let request: MountRequest
    private let state: Mutex<State>
    private let report: @Sendable (String) -> Void

    /// Builds what the settings say.
    init(
        _ request: MountRequest,
        _ settings: MountSettings,
        _ report: @escaping @Sendable (String) -> Void
    ) throws(SettingProblem) {
        self.request = request
        self.report = report
        let network = try MountNetwork(settings, report)
        source = ReplaceableSource(network.source)
        external = try MountNetwork.external(settings, report).map { ReplaceableSource($0) }
        let listened = try network.revisions()
        revisions = settings.options.listens ? ReplaceableRevisionSource(listened) : nil
        state = Mutex(State(settings: settings))
    }

    private var settings: MountSettings { state.withLock { $0.settings } }

    var parameters: String {
        settings.parameters.entries.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value.value)" }.joined(separator: "\n")
    }

    var timeouts: (proxied: Int64, direct: Int64) {
        let network = settings.network
        return (network.timeoutInSeconds, network.directTimeoutInSeconds)
    }

    /// Seconds that are waited for servers of external files by proxy.
    var externalTimeout: Int64 {
        let network = settings.network
        return network.externalTimeoutInSeconds ?? network.timeoutInSeconds
    }

    var nameServer: String? { settings.network.names.server }

    func take(_ change: ControlChange) throws {
        var changed = settings
        // The order by distance was found once; what somebody changes by hand is not ordered again.
        changed.servers = source.status.servers
        changed.network.sortsByDistance = false
        let kind = try changed.take(change)
        if change.isExternal {
            try replaceExternal(changed, orThrow: true)
        } else {
            try replace(changed)
            if kind == .timeouts || kind == .nameServer { try replaceExternal(changed, orThrow: false) }
        }
        state.withLock { state in
            state.settings = changed
            state.handmade.insert(kind)
        }
        report("changed by hand: \(change)")
    }

    func reload() -> String {
        do {
            let settings = try request.settings()
            let old = state.withLock { $0 }
            let reload = MountReload(
                from: old.settings.parameters,
                to: settings.parameters,
                undoing: old.handmade
            )
            if reload.changesNetwork { try replace(settings) }
            if reload.changesExternal { try replaceExternal(settings, orThrow: false) }
            state.withLock { $0 = State(settings: settings) }
            report("read the configuration again: \(reload.report)")
            return reload.report
        } catch {
            return "Failed: \(error)"
        }
    }

    private func replace(_ settings: MountSettings) throws {
        let network = try MountNetwork(settings, report)
        // All that can fail comes first.
        let listened = try network.revisions()
        source.replace(by: network.source)
        revisions?.replace(by: listened)
    }

    private func replaceExternal(_ settings: MountSettings, orThrow: Bool) throws {
        guard let external, let servers = try MountNetwork.external(settings, report) else {
            guard orThrow else { return }
            throw SettingProblem(
                .noServer,
                "the mount was made without servers of external files",
                remedy: "set CVMFS_EXTERNAL_URL and mount anew"
            )
        }
        external.replace(by: servers)
    }
}

extension ControlChange {
    /// Whether it is about the servers of external files alone.
    var isExternal: Bool {
        switch self {
        case .externalServers, .externalProxies: true
        case .servers, .proxies, .fallback, .timeouts, .nameServer: false
        }
    }
}
