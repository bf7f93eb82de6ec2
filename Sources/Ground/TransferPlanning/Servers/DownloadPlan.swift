// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Decides what follows a failed attempt of one transfer: the same again, later or past the caches, another proxy, or another
/// server.
///
/// A pure state machine. Its attempts are counted, so that it ends whatever fails:
/// every proxy once for each server, and the retries once for the whole transfer.
/// - Source: cvmfs-format H.5.
package struct DownloadPlan: Sendable {
    /// How an attempt failed.
    package enum Failure: Sendable, CaseIterable {
        /// No connection, silence, a trickle, a reset, or an answer cut short: of the proxy, where there is one.
        case transfer
        /// The server's name stands for no address.
        case serverName
        /// The server's certificate is not accepted, it sends in circles, or asks for a pause.
        case server
        /// A status that the server is to blame for.
        case serverStatus
        /// A status that the proxy is to blame for.
        case proxyStatus
        /// Other bytes than were asked for.
        case corrupt
        /// Nothing that another attempt could change.
        case final
    }

    /// What to do next.
    package enum Step: Sendable, Equatable {
        case again(bypassingCaches: Bool)
        case pause(Duration)
        case otherProxy
        case otherServer
        case giveUp
    }

    /// How often and how soon the same is tried again.
    package struct Retries: Sendable, Equatable {
        /// For the whole transfer.
        package var limit = 1
        /// The first pause is drawn between nothing and this; each later one is twice as long.
        package var firstPause = Duration.seconds(2)
        /// No pause is longer.
        package var longestPause = Duration.seconds(10)

        /// The defaults of the stock client.
        package init() {}
    }

    private let retries: Retries
    private let serverCount: Int
    private var serversTried = 1
    private var retriesDone = 0
    private var pause = Duration.zero
    /// Whether the caches on the way are told to ask the origin.
    package private(set) var isBypassing = false

    /// A transfer that may be tried with some servers.
    package init(serverCount: Int, retries: Retries) {
        self.serverCount = serverCount
        self.retries = retries
    }

    /// What to do after an attempt failed.
    ///
    /// - Parameters:
    ///   - failure: how.
    ///   - isProxied: whether it went through a proxy.
    ///   - jitter: a random number from 0 up to 1 that spreads the load of many nodes after an outage.
    /// - Returns: what to do next; after `otherProxy`, `proxiesAreUsedUp` if there is none.
    package mutating func failed(_ failure: Failure, isProxied: Bool, jitter: Double) -> Step {
        switch failure {
        case .final: return .giveUp
        case .corrupt where !isBypassing:
            isBypassing = true
            return .again(bypassingCaches: true)
        case .transfer where !isBypassing && retriesDone < retries.limit,
            .server where !isBypassing && retriesDone < retries.limit:
            retriesDone += 1
            pause = pause == .zero ? retries.firstPause * jitter : pause * 2
            pause = min(pause, retries.longestPause)
            return .pause(pause)
        case .transfer where isProxied, .proxyStatus where isProxied, .corrupt where isProxied:
            isBypassing = false
            return .otherProxy
        case .transfer, .serverName, .server, .serverStatus, .proxyStatus, .corrupt: return nextServer()
        }
    }

    /// Every proxy was tried: the server must be to blame.
    package mutating func proxiesAreUsedUp() -> Step { nextServer() }

    private mutating func nextServer() -> Step {
        isBypassing = false
        guard serversTried < serverCount else { return .giveUp }
        serversTried += 1
        return .otherServer
    }
}
