// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Decides which transfers run at once: small ones never wait for large ones, and nobody for what is only fetched ahead.
///
/// A pure state machine.
package struct SlotPlan: Sendable {
    /// How much a transfer keeps a connection busy, and who waits for it.
    package enum Weight: Sendable, CaseIterable {
        /// Catalogs, signed files, small objects.
        case small
        case large
        /// Nobody waits for it yet.
        case ahead
    }

    /// As many connections as a server is asked to keep.
    package static let limit = 96
    /// So many large transfers are enough for any line.
    package static let largeLimit = 18
    /// What is fetched ahead comes from far away, where a connection carries ten small objects a second.
    package static let aheadLimit = 80
    /// Large transfers, and those that are made ahead, leave the others free.
    package static let lengthyLimit = 88

    private var running: [Weight: Int] = [:]
    private var waiting: [Weight: [UInt64]] = [:]
    private var nextTicket: UInt64 = 0

    /// Begins with nothing running.
    package init() {}

    /// How many transfers run.
    package var runningCount: Int { running.values.reduce(0, +) }

    /// Begins a transfer; returns the ticket to wait for, or `nil` if it may run now.
    package mutating func enter(_ weight: Weight) -> UInt64? {
        if waiting[weight, default: []].isEmpty, hasRoom(for: weight) {
            running[weight, default: 0] += 1
            return nil
        }
        nextTicket += 1
        waiting[weight, default: []].append(nextTicket)
        return nextTicket
    }

    /// Ends a transfer; returns the tickets of those that run from now on.
    package mutating func leave(_ weight: Weight) -> [UInt64] {
        running[weight, default: 1] -= 1
        var started: [UInt64] = []
        for next in Weight.allCases {
            while let ticket = waiting[next, default: []].first, hasRoom(for: next) {
                waiting[next, default: []].removeFirst()
                running[next, default: 0] += 1
                started.append(ticket)
            }
        }
        return started
    }

    private func hasRoom(for weight: Weight) -> Bool {
        let (large, ahead) = (running[.large, default: 0], running[.ahead, default: 0])
        switch weight {
        case .small: return runningCount < Self.limit
        case .large:
            return runningCount < Self.limit && large < Self.largeLimit && large + ahead < Self.lengthyLimit
        case .ahead:
            let isWanted = [.small, .large].contains { !waiting[$0, default: []].isEmpty }
            return !isWanted && ahead < Self.aheadLimit && large + ahead < Self.lengthyLimit
                && runningCount < Self.limit
        }
    }
}
