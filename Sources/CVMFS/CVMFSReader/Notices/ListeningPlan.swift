// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Decides which server is listened to next, and when.
///
/// A pure state machine, so that no outage, however long, and no server, however strange, makes a node flood the network. The
/// manifest is asked for by its time to live all the while, so that nothing is lost but speed.
package struct ListeningPlan: Sendable {
    /// What to do next.
    package enum Step: Equatable, Sendable {
        case listen(server: Int)
        case wait(Duration)
    }

    private struct Server {
        var notBefore = Duration.zero
        var failures = 0
        var refusals = 0
    }

    private var servers: [Server]
    private var current = 0

    /// Begins with the first of some servers; all times count from one moment.
    package init(serverCount: Int) {
        servers = Array(repeating: Server(), count: max(serverCount, 1))
    }

    /// What to do at a moment: the server that was listened to last comes first, then the one after it.
    package mutating func step(at now: Duration) -> Step {
        for offset in servers.indices {
            let server = (current + offset) % servers.count
            if servers[server].notBefore <= now {
                current = server
                return .listen(server: server)
            }
        }
        let next = servers.map(\.notBefore).min() ?? now
        return .wait(next - now)
    }

    /// Takes note of how listening to the current server ended.
    ///
    /// - Parameters:
    ///   - end: how.
    ///   - now: when.
    ///   - jitter: a random number from 0 up to 1, so that many nodes do not come back together.
    package mutating func ended(_ end: ListeningEnd, at now: Duration, jitter: Double) {
        let pause: Duration
        var server = servers[current]
        switch end {
        case .over(let retry):
            (server.failures, server.refusals) = (0, 0)
            // What a server asks for is granted within reason.
            pause = min(retry ?? .seconds(2), .seconds(60)) * (0.5 + jitter)
        case .nothingNew:
            server.failures = 0
            pause = .seconds(1) * (1 + jitter)
        case .unreachable:
            server.failures += 1
            pause = .seconds(min(60, 1 << min(server.failures, 6))) * (0.5 + jitter)
        case .busy:
            pause = .seconds(30) * (0.5 + jitter)
        case .refused:
            server.refusals += 1
            pause = .seconds(min(3600, 60 << min(server.refusals, 6))) * (0.5 + jitter)
        case .unsupported:
            pause = .seconds(3600) * (0.5 + jitter)
        }
        server.notBefore = now + pause
        servers[current] = server
    }
}
