// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Decides what follows a failed attempt: the same server again, later or past the caches, or the next server.
///
/// A pure state machine: `ServerList` asks it and does what it says.
/// - Source: cvmfs-format H.5.
package struct Failover: Sendable {
    /// What to do next.
    package enum Action: Sendable, Equatable {
        /// Ask the server at this position of the list.
        case ask(server: Int, bypassingCaches: Bool)
        /// Wait, then ask the same server.
        case pause(Duration, thenServer: Int)
        /// Every server was tried.
        case giveUp
    }

    private let serverCount: Int
    private let retryLimit: Int
    private let first: Int
    private var offset = 0
    private var retries = 0
    private var bypassing = false

    /// Starts with the server at position `first` of `serverCount`.
    package init(serverCount: Int, first: Int, retryLimit: Int) {
        self.serverCount = serverCount
        self.retryLimit = retryLimit
        self.first = first
    }

    /// The first thing to do.
    package func start() -> Action {
        serverCount > 0 ? .ask(server: server, bypassingCaches: false) : .giveUp
    }

    /// What to do after an attempt failed.
    ///
    /// - Parameters:
    ///   - code: how it failed.
    ///   - jitter: a random number from 0 up to 1 that spreads the load of many nodes after an outage.
    /// - Returns: what to do next.
    package mutating func failed(_ code: FetchProblem.Code, jitter: Double) -> Action {
        switch code {
        case .corrupt where !bypassing:
            bypassing = true
            return .ask(server: server, bypassingCaches: true)
        case .transfer where retries < retryLimit && !bypassing:
            retries += 1
            let ceiling = min(2_000, 100 << retries)
            return .pause(.milliseconds(Int(Double(ceiling) * (0.5 + jitter / 2))), thenServer: server)
        case .transfer, .status, .corrupt, .address: return nextServer()
        case .tooLarge: return .giveUp
        }
    }

    private var server: Int { (first + offset) % max(serverCount, 1) }

    private mutating func nextServer() -> Action {
        offset += 1
        retries = 0
        bypassing = false
        return offset < serverCount ? .ask(server: server, bypassingCaches: false) : .giveUp
    }
}
