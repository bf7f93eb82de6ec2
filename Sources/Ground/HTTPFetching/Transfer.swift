// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import TransferPlanning

/// One content on its way, over as many attempts as its plan allows.
struct Transfer {
    private let path: String
    private let list: ServerList
    private let admission: OfflineGate.Admission
    private let adapt: (inout FetchRequest) -> Void
    private let watch = Stopwatch()
    private var plan: DownloadPlan
    private var server: Int
    /// Proxies that were tried with this server.
    private var avoided: Set<ProxyMember> = []
    /// Those of them that delivered other bytes, also when told to ask the server anew.
    private var suspects: [ProxyMember] = []

    init(
        _ path: String,
        of list: ServerList,
        _ admission: OfflineGate.Admission,
        _ adapt: @escaping (inout FetchRequest) -> Void
    ) {
        self.path = path
        self.list = list
        self.admission = admission
        self.adapt = adapt
        plan = DownloadPlan(serverCount: list.servers.count, retries: list.rules.retries)
        server = list.desk.firstServer()
    }

    /// Fetches; blocks the calling thread, and calls `wait` for pauses.
    mutating func run(into receiver: any ContentReceiver, _ wait: (Duration) -> Void) throws -> FetchOutcome {
        var member = list.desk.member(for: path, avoiding: avoided)
        // The others wait for word of the one that finds out, and not until all of its content is there.
        let receiver = admission == .probe ? Herald(receiver, list.desk.answered) : receiver
        while true {
            let start = watch.now
            let problem: FetchProblem
            do {
                guard let member else { throw list.desk.noProxy(for: path) }
                let outcome = try list.fetcher.get(request, by: member, into: receiver)
                list.desk.delivered(server, inSpiteOf: suspects)
                return outcome
            } catch let found as FetchProblem {
                problem = found
            } catch {
                // Whatever the receiver has to complain about, somebody answered.
                list.desk.answered()
                throw error
            }
            let jitter = Double.random(in: 0..<1)
            let step = plan.failed(problem.failure, isProxied: member?.address != nil, jitter: jitter)
            guard try goOn(step, after: problem, &member, cost: watch.now - start, wait) else {
                throw problem
            }
        }
    }

    private var request: FetchRequest {
        var request = FetchRequest(url: list.servers[server] + "/" + path, bypassesCaches: plan.isBypassing)
        adapt(&request)
        return request
    }

    /// Prepares the next attempt; returns whether there is one.
    private mutating func goOn(
        _ step: DownloadPlan.Step,
        after problem: FetchProblem,
        _ member: inout ProxyMember?,
        cost: Duration,
        _ wait: (Duration) -> Void
    ) throws -> Bool {
        let isLate = watch.now >= list.rules.patience && !list.rules.isPersistent
        switch isLate ? .giveUp : step {
        case .again:
            list.desk.report("\(problem); asking again past the caches")
        case .pause(let duration):
            list.desk.report("\(problem); trying again")
            wait(duration)
        case .otherProxy:
            note(problem, of: member)
            guard let next = list.desk.member(for: path, avoiding: avoided) else {
                return try goOn(plan.proxiesAreUsedUp(), after: problem, &member, cost: cost, wait)
            }
            list.desk.report("\(problem); trying by \(next) instead of \(member?.description ?? "none")")
            member = next
        case .otherServer:
            if member == .direct { list.desk.failed(server, problem) }
            server = list.desk.server(after: server)
            (avoided, suspects) = ([], [])
            member = list.desk.member(for: path, avoiding: avoided)
            list.desk.report("\(problem); trying \(list.servers[server])")
        case .giveUp:
            if isLate { note(problem, of: member) }
            return giveUp(problem, &member, cost: cost, wait)
        }
        return true
    }

    private mutating func note(_ problem: FetchProblem, of member: ProxyMember?) {
        guard let member, member != .direct else { return }
        avoided.insert(member)
        // One damaged object on a server must not take all proxies away: whether this one lies is known only once
        // another one delivers.
        if problem.code == .corrupt { suspects.append(member) } else { list.desk.burn(member) }
    }

    private mutating func giveUp(
        _ problem: FetchProblem,
        _ member: inout ProxyMember?,
        cost: Duration,
        _ wait: (Duration) -> Void
    ) -> Bool {
        switch problem.failure {
        case .serverStatus, .corrupt, .final: list.desk.answered()
        case .transfer, .serverName, .server, .proxyStatus:
            guard list.rules.isPersistent else {
                list.desk.foundNobody(admission, cost: cost, problem)
                return false
            }
            list.desk.report("\(problem); beginning again")
            wait(list.rules.retries.longestPause)
            plan = DownloadPlan(serverCount: list.servers.count, retries: list.rules.retries)
            (avoided, suspects) = ([], [])
            member = list.desk.member(for: path, avoiding: avoided)
            return true
        }
        return false
    }
}

/// Tells of the first bytes of an answer, on their way to the receiver that they are for.
private final class Herald: ContentReceiver {
    private let receiver: any ContentReceiver
    private let tell: () -> Void
    private var hasTold = false

    init(_ receiver: any ContentReceiver, _ tell: @escaping () -> Void) {
        self.receiver = receiver
        self.tell = tell
    }

    func restart() throws { try receiver.restart() }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        if !hasTold { tell() }
        hasTold = true
        try receiver.receive(bytes)
    }

    func finish() throws { try receiver.finish() }
}
