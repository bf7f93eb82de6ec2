// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization
package import TransferPlanning

/// The addresses that the names of proxies stand for, looked up on threads of their own.
///
/// What was found is used until something newer is: a name server that is away takes no proxy away, until the longest time has
/// passed.
package final class ProxyDirectory: Sendable {
    /// How names are looked up.
    package struct Rules: Sendable, Equatable {
        /// How long an answer is not asked for again.
        package var shortestLife = Duration.seconds(60)
        /// How long an answer is used when there is no newer one.
        package var longestLife = Duration.seconds(86400)
        /// How long a first use waits for answers.
        package var patience = Duration.seconds(6)
        /// How many addresses of a name are used; `nil` for all.
        package var addressLimit: Int?
        package var family = AddressFamily.any
        /// Who is asked, an address; `nil` for the system's resolver.
        package var server: String?
        /// How long one question to that server waits, and how often it is asked again.
        package var timeout = Duration.seconds(3)
        package var retries = 1

        /// The defaults of the stock client.
        package init() {}
    }

    private struct Answer {
        var addresses: [String]
        var found: Duration
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var asked: Duration?
        var underWay = 0
        /// Grows when the addresses of any name change.
        var edition = 0
    }

    private let groups: [[ProxyString.Member]]
    private let names: [String]
    private let rules: Rules
    private let resolve: @Sendable (String, AddressFamily) -> [String]
    private let clock = Stopwatch()
    private let state = Mutex(State())
    private let answered = DispatchSemaphore(value: 0)
    private static let queue = DispatchQueue(label: "wharf-resolve", attributes: .concurrent)

    /// Looks after the names of a list and of its fall-back, which comes after it.
    ///
    /// `resolve` returns the addresses of a name, and none for one that stands for none; it may block. `nil` for what the
    /// rules say.
    package init(
        _ list: ProxyString,
        fallback: ProxyString,
        rules: Rules,
        resolve: (@Sendable (String, AddressFamily) -> [String])? = nil
    ) {
        groups = list.groups + fallback.withoutDirect.groups
        self.rules = rules
        let server = rules.server.map { NameServer($0, timeout: rules.timeout, retries: rules.retries) }
        self.resolve = resolve ?? server.map { $0.addresses } ?? HostNames.addresses
        var names: Set<String> = []
        for case .proxy(let address) in groups.joined() where Self.isName(address) {
            names.insert(address.host)
        }
        self.names = names.sorted()
    }

    /// The names that stand for no address now.
    package var unknownNames: [String] {
        state.withLock { state in names.filter { state.answers[$0]?.addresses.isEmpty != false } }
    }

    /// Waits for the first answers; after that looks whether it is time to ask again, and does not wait.
    ///
    /// Returns the groups if they are others than those of an edition, with the number of theirs.
    func refresh(since edition: Int?) -> (members: [[ProxyMember]], edition: Int)? {
        let now = clock.now
        let isFirst = state.withLock { $0.asked == nil }
        let isDue = state.withLock { state -> Bool in
            guard !names.isEmpty, state.underWay == 0 else { return false }
            // A name without an address is asked for again soon.
            let isMissing = names.contains { state.answers[$0]?.addresses.isEmpty != false }
            let life = isMissing ? min(rules.shortestLife, .seconds(5)) : rules.shortestLife
            guard state.asked.map({ now - $0 >= life }) ?? true else { return false }
            state.asked = now
            state.underWay = names.count
            return true
        }
        if isDue {
            for name in names { Self.queue.async { [self] in ask(name) } }
        }
        if isFirst { waitForAnswers(until: now + rules.patience) }
        return state.withLock { state in
            state.edition == edition ? nil : (groups.map { members($0, state) }, state.edition)
        }
    }

    private func waitForAnswers(until end: Duration) {
        while state.withLock({ $0.underWay > 0 }), clock.now < end {
            _ = answered.wait(timeout: .now() + .milliseconds(50))
        }
    }

    private func ask(_ name: String) {
        var addresses = resolve(name, rules.family)
        if let limit = rules.addressLimit { addresses = Array(addresses.prefix(limit)) }
        let now = clock.now
        state.withLock { state in
            state.underWay -= 1
            if let old = state.answers[name], addresses.isEmpty, now - old.found < rules.longestLife {
                return
            }
            // The order in which a name server lists addresses changes all the time, and means nothing.
            if state.answers[name].map({ Set($0.addresses) }) != Set(addresses) { state.edition += 1 }
            state.answers[name] = Answer(addresses: addresses, found: now)
        }
        answered.signal()
    }

    private func members(_ group: [ProxyString.Member], _ state: State) -> [ProxyMember] {
        group.flatMap { member -> [ProxyMember] in
            switch member {
            case .direct: return [.direct]
            case .automatic: return []
            case .proxy(let name):
                guard Self.isName(name) else { return [ProxyMember(name, at: name)] }
                return (state.answers[name.host]?.addresses ?? []).map {
                    ProxyMember(name, at: ProxyAddress(host: $0, port: name.port))
                }
            }
        }
    }

    /// Whether the host is to be looked up: a proxy with a certificate is known by its name.
    private static func isName(_ address: ProxyAddress) -> Bool {
        !address.isEncrypted && !address.host.contains(":") && !HostNames.isAddress(address.host)
    }
}
