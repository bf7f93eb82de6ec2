// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import TransferPlanning

/// Servers that hold the same content, and the proxies through which they are asked; the ones that answered last come first.
package final class ServerList: Sendable {
    /// How it goes on after failures.
    package struct Rules: Sendable {
        package var retries = DownloadPlan.Retries()
        /// How long a failed proxy is remembered; `nil` for as long as there is another one.
        package var proxyResetAfter: Duration? = .seconds(300)
        /// How long another server than the first one is preferred; `nil` for as long as it answers.
        package var serverResetAfter: Duration? = .seconds(1800)
        /// Whether paths are spread over the proxies of a group.
        package var isSharded = false
        /// After this no other attempt of a transfer is begun, whatever is left to try.
        package var patience = Duration.seconds(60)
        /// Whether a transfer that found nobody starts again, for ever.
        package var isPersistent = false

        /// The defaults.
        package init() {}
    }

    /// The base addresses, without a final slash.
    package let servers: [String]
    let fetcher: HTTPFetcher
    let rules: Rules
    let desk: RouteDesk
    private let slots = TransferSlots()

    /// Names the servers.
    ///
    /// - Parameters:
    ///   - servers: base addresses; final slashes are dropped.
    ///   - fetcher: makes the requests.
    ///   - proxies: the way to them; straight if there are none.
    ///   - rules: how it goes on after failures.
    ///   - report: told when something failed and another attempt is made, and when it is over.
    package init(
        _ servers: [String],
        fetcher: HTTPFetcher,
        proxies: ProxyDirectory? = nil,
        rules: Rules = Rules(),
        report: @escaping @Sendable (String) -> Void
    ) {
        self.servers = Self.bases(servers)
        self.fetcher = fetcher
        self.rules = rules
        desk = RouteDesk(serverCount: servers.count, proxies: proxies, rules: rules, report: report)
    }

    /// Addresses without final slashes.
    package static func bases(_ servers: [String]) -> [String] {
        servers.map { server in
            var text = Substring(server)
            while text.hasSuffix("/") { text = text.dropLast() }
            return String(text)
        }
    }

    /// The server that answered last, and is asked first; `nil` if there are no servers.
    package var currentServer: String? {
        servers.isEmpty ? nil : servers[desk.currentServer % servers.count]
    }

    /// Whether servers may be asked through proxies.
    package var hasProxies: Bool { desk.hasProxies }

    /// The groups of proxies, in the order in which they are used; empty if there are none.
    package var proxies: [[ProxyMember]] { desk.proxies }

    /// The way that the next transfer takes; asks for the addresses of proxies if that was not done yet.
    package var currentMember: ProxyMember { desk.member(for: "", avoiding: []) ?? .direct }

    /// Changes the way of the next transfers.
    package func obey(_ order: TransferOrder) { desk.obey(order) }

    /// Whether nobody answered when it was tried last.
    package var isOffline: Bool { desk.isOffline }

    /// Whether the server asked first is on this machine, where a question costs next to nothing.
    package var isLoopback: Bool {
        guard let server = currentServer, !hasProxies else { return false }
        return ["http://127.", "http://localhost:", "http://localhost/", "http://[::1]"].contains {
            server.hasPrefix($0)
        }
    }

    /// Fetches `path` (relative, without a leading slash) from the first server that delivers it.
    ///
    /// Blocks the calling thread. Throws the last `FetchProblem`, or at once what the receiver threw.
    package func fetch(
        _ path: String,
        range: ClosedRange<Int64>? = nil,
        validator: Validator? = nil,
        weight: TransferWeight = .small,
        into receiver: any ContentReceiver
    ) throws -> FetchOutcome {
        try fetch(path, weight, into: receiver) { request in
            request.range = range
            request.validator = validator
        }
    }

    /// Whether a server has `path`.
    ///
    /// Blocks the calling thread. Throws the last `FetchProblem` if no server gives an answer to rely on.
    package func contains(_ path: String) throws -> Bool {
        do {
            _ = try fetch(path, .small, into: NoContent()) { $0.isHeadOnly = true }
            return true
        } catch let problem as FetchProblem where problem.status == 404 || problem.status == 410 {
            return false
        }
    }

    private func fetch(
        _ path: String,
        _ weight: TransferWeight,
        into receiver: any ContentReceiver,
        _ adapt: @escaping (inout FetchRequest) -> Void
    ) throws -> FetchOutcome {
        guard !servers.isEmpty else { throw FetchProblem(.address, "no server is configured for \(path)") }
        // Without a place in the queue, since the queue may be full of those who wait in vain.
        guard rules.isPersistent || !desk.isRefusing else { throw Self.offline(path) }
        enter(weight)
        defer { leave(weight) }
        let admission = rules.isPersistent ? .pass : desk.admit()
        guard admission != .refuse else { throw Self.offline(path) }
        var transfer = Transfer(path, of: self, admission, adapt)
        return try transfer.run(into: receiver) { pause in
            // Who waits leaves the place to others.
            leave(weight)
            pause.sleep()
            enter(weight)
        }
    }

    /// Runs what fetches with the weight `ahead` once nobody who waits is kept from a connection by it; blocks the calling
    /// thread until then.
    ///
    /// The place is taken before anything is begun: what others may come to wait for must not itself wait for its turn.
    package func ahead<Result>(_ body: () throws -> Result) rethrows -> Result {
        slots.enter(.ahead)
        defer { slots.leave(.ahead) }
        return try body()
    }

    private func enter(_ weight: TransferWeight) {
        if weight != .ahead { slots.enter(weight) }
    }

    private func leave(_ weight: TransferWeight) {
        if weight != .ahead { slots.leave(weight) }
    }

    private static func offline(_ path: String) -> FetchProblem {
        FetchProblem(.offline, "\(path) is not asked for: no server answered a moment ago")
    }
}

/// How long a transfer may take, and who waits for it.
package typealias TransferWeight = SlotPlan.Weight

/// Takes an answer that has no body.
private final class NoContent: ContentReceiver {
    func restart() {}
    func receive(_ bytes: UnsafeRawBufferPointer) {}
    func finish() {}
}
