// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// Servers that hold the same content, asked in order; the one that answered last is asked first.
package final class ServerList: Sendable {
    /// The base addresses, without a final slash.
    package let servers: [String]
    private let fetcher: HTTPFetcher
    private let retryLimit: Int
    private let current = Atomic<Int>(0)
    private let report: @Sendable (String) -> Void

    /// Names the servers.
    ///
    /// - Parameters:
    ///   - servers: base addresses; final slashes are dropped.
    ///   - fetcher: makes the requests.
    ///   - retryLimit: how often a server is asked again after a failed transfer.
    ///   - report: told when a corrupt answer or a dead server made the list go on to another attempt.
    package init(
        _ servers: [String],
        fetcher: HTTPFetcher,
        retryLimit: Int = 1,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.servers = Self.bases(servers)
        self.fetcher = fetcher
        self.retryLimit = retryLimit
        self.report = report
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
        servers.isEmpty ? nil : servers[current.load(ordering: .relaxed) % servers.count]
    }

    /// Whether the server asked first is on this machine, where a question costs next to nothing.
    package var isLoopback: Bool {
        guard let server = currentServer else { return false }
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
        into receiver: any ContentReceiver
    ) throws -> FetchOutcome {
        try fetch(path, into: receiver) { request in
            request.range = range
            request.validator = validator
        }
    }

    /// Whether a server has `path`.
    ///
    /// Blocks the calling thread. Throws the last `FetchProblem` if no server gives an answer to rely on.
    package func contains(_ path: String) throws -> Bool {
        do {
            _ = try fetch(path, into: NoContent()) { $0.isHeadOnly = true }
            return true
        } catch let problem as FetchProblem where problem.status == 404 || problem.status == 410 {
            return false
        }
    }

    private func fetch(
        _ path: String,
        into receiver: any ContentReceiver,
        _ adapt: (inout FetchRequest) -> Void
    ) throws -> FetchOutcome {
        var failover = Failover(
            serverCount: servers.count,
            first: current.load(ordering: .relaxed),
            retryLimit: retryLimit
        )
        var action = failover.start()
        var last = FetchProblem(.address, "no server is configured for \(path)")
        while true {
            let (server, bypasses): (Int, Bool)
            switch action {
            case .giveUp: throw last
            case .pause(let duration, let next):
                usleep(
                    UInt32(
                        clamping: duration.components.attoseconds / 1_000_000_000_000
                            + duration.components.seconds * 1_000_000
                    )
                )
                (server, bypasses) = (next, false)
            case .ask(let next, let bypassing): (server, bypasses) = (next, bypassing)
            }
            var request = FetchRequest(url: servers[server] + "/" + path, bypassesCaches: bypasses)
            adapt(&request)
            do {
                let outcome = try fetcher.get(request, into: receiver)
                current.store(server, ordering: .relaxed)
                return outcome
            } catch let problem as FetchProblem {
                last = problem
                action = failover.failed(problem.code, jitter: Double.random(in: 0..<1))
                if action != .giveUp { report("\(problem); trying again") }
            }
        }
    }
}

/// Takes an answer that has no body.
private final class NoContent: ContentReceiver {
    func restart() {}
    func receive(_ bytes: UnsafeRawBufferPointer) {}
    func finish() {}
}
