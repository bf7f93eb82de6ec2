// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import TransferPlanning

/// What all transfers of a repository know together: which servers and proxies are well, and whether anybody is.
///
/// One lock around pure state machines, held for microseconds and never while anything is waited for.
final class RouteDesk: Sendable {
    private struct State {
        var servers: ServerTable
        var proxies: ProxyTable
        var gate = OfflineGate()
        var edition: Int?
    }

    private let directory: ProxyDirectory?
    let report: @Sendable (String) -> Void
    private let watch = Stopwatch()
    private let state: Mutex<State>

    init(
        serverCount: Int,
        proxies: ProxyDirectory?,
        rules: ServerList.Rules,
        report: @escaping @Sendable (String) -> Void
    ) {
        directory = proxies
        self.report = report
        state = Mutex(
            State(
                servers: ServerTable(count: serverCount, resetAfter: rules.serverResetAfter),
                proxies: ProxyTable(
                    proxies == nil ? [[.direct]] : [],
                    resetAfter: rules.proxyResetAfter,
                    isSharded: rules.isSharded
                )
            )
        )
    }

    // MARK: Ways

    var currentServer: Int { state.withLock { $0.servers.current } }

    var hasProxies: Bool { directory != nil }

    var proxies: [[ProxyMember]] { directory == nil ? [] : state.withLock { $0.proxies.members } }

    func firstServer() -> Int {
        let now = watch.now
        return state.withLock { $0.servers.first(at: now) }
    }

    func server(after server: Int) -> Int { state.withLock { $0.servers.next(after: server) } }

    func member(for path: String, avoiding avoided: Set<ProxyMember>) -> ProxyMember? {
        let edition = state.withLock { $0.edition }
        let news = directory?.refresh(since: edition)
        let (now, draw) = (watch.now, UInt64.random(in: 0...UInt64.max))
        return state.withLock { state in
            if let news {
                state.proxies.replace(news.members)
                state.edition = news.edition
            }
            return state.proxies.member(for: path, avoiding: avoided, at: now, draw: draw)
        }
    }

    /// Says why there is no way at all.
    func noProxy(for path: String) -> FetchProblem {
        let names = directory?.unknownNames ?? []
        return FetchProblem(
            .transfer,
            names.isEmpty
                ? "there is no proxy to ask for \(path)"
                : "\(path) cannot be asked for: no address is known of \(names.joined(separator: ", "))",
            failure: .serverName
        )
    }

    func obey(_ order: TransferOrder) {
        let now = watch.now
        state.withLock { state in
            switch order {
            case .nextServer: state.servers.switchServer(at: now)
            case .nextProxyGroup: state.proxies.switchGroup(at: now)
            case .drawProxy: state.proxies.rebalance()
            }
        }
    }

    // MARK: News

    func delivered(_ server: Int, inSpiteOf suspects: [ProxyMember]) {
        let now = watch.now
        let liars = state.withLock { state in
            state.servers.delivered(server, at: now)
            return suspects.filter { state.proxies.burn($0, at: now) }
        }
        for liar in liars {
            report("the proxy \(liar) delivers other bytes than it should; another one is used")
        }
        answered()
    }

    func burn(_ member: ProxyMember) {
        let now = watch.now
        state.withLock { _ = $0.proxies.burn(member, at: now) }
    }

    func failed(_ server: Int, _ problem: FetchProblem) {
        guard problem.failure != .corrupt, problem.failure != .serverStatus else { return }
        let now = watch.now
        state.withLock { $0.servers.failed(server, at: now) }
    }

    // MARK: Nobody there

    var isOffline: Bool { state.withLock { $0.gate.isOffline } }

    /// Whether a request would be refused; it is not let in by asking.
    var isRefusing: Bool {
        let now = watch.now
        return state.withLock { state in
            var gate = state.gate
            return gate.admit(at: now) == .refuse
        }
    }

    func admit() -> OfflineGate.Admission {
        let now = watch.now
        return state.withLock { $0.gate.admit(at: now) }
    }

    func answered() {
        if state.withLock({ $0.gate.answered() }) { report("the servers answer again") }
    }

    func foundNobody(_ admission: OfflineGate.Admission, cost: Duration, _ problem: FetchProblem) {
        let now = watch.now
        let isNews = state.withLock { $0.gate.failed(admission, after: cost, at: now) }
        if isNews {
            report("\(problem); nobody else is left to ask, and what is not cached fails at once for a while")
        }
    }
}
