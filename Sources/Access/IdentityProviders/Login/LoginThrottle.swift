// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Slows down whoever guesses passwords, for each account and for each address.
///
/// After some failures, each further one doubles the pause in which no attempt is looked at. An account is paused only
/// for the address that failed: nobody can lock somebody else out. Many addresses against one account are met by a
/// higher limit on the account as a whole. A state machine without clock: `now` counts from any fixed moment.
package struct LoginThrottle: Sendable {
    /// What is counted.
    enum Subject: Hashable {
        case pair(account: String, address: String)
        case account(String)
        case address(String)

        /// So many failures cost nothing: people mistype.
        var freeFailures: Int {
            switch self {
            case .pair: 5
            case .account: 100
            case .address: 50
            }
        }
    }

    private struct Entry {
        var failures = 0
        var pausedUntil = Duration.zero
        var last = Duration.zero
    }

    /// Failures are forgotten after so long without another one.
    private static let memory = Duration.seconds(900)
    private static let longestPause = Duration.seconds(300)

    /// An attacker may come from many addresses; beyond this the oldest entries go.
    private let limit: Int
    private var entries: [Subject: Entry] = [:]

    /// Starts with no failures known; keeps at most `limit` entries.
    package init(limit: Int = 20_000) { self.limit = limit }

    /// How long an attempt has to wait; `nil` if it may be made now.
    package func pause(for account: String, from address: String, now: Duration) -> Duration? {
        let longest = Self.subjects(account, address).compactMap { entries[$0] }.map { $0.pausedUntil - now }
            .max()
        return longest.flatMap { $0 > .zero ? $0 : nil }
    }

    /// Counts a failure.
    package mutating func fail(_ account: String, from address: String, now: Duration) {
        if entries.count >= limit { makeRoom(now) }
        for subject in Self.subjects(account, address) {
            var entry = entries[subject] ?? Entry()
            if now - entry.last > Self.memory { entry = Entry() }
            entry.failures += 1
            entry.last = now
            let excess = entry.failures - subject.freeFailures
            if excess >= 0 {
                entry.pausedUntil = now + min(Self.longestPause, .seconds(1 << min(excess, 9)))
            }
            entries[subject] = entry
        }
    }

    /// Forgets the failures of an account from an address, and of nobody else.
    package mutating func succeed(_ account: String, from address: String) {
        entries[.pair(account: account, address: address)] = nil
    }

    private mutating func makeRoom(_ now: Duration) {
        entries = entries.filter { now - $0.value.last <= Self.memory }
        guard entries.count >= limit else { return }
        let newest = entries.sorted { $0.value.last > $1.value.last }.prefix(limit / 2)
        entries = Dictionary(uniqueKeysWithValues: newest.map { ($0.key, $0.value) })
    }

    private static func subjects(_ account: String, _ address: String) -> [Subject] {
        // A name is as long as its sender likes.
        let account = String(account.prefix(255))
        return [.pair(account: account, address: address), .account(account), .address(address)]
    }
}
