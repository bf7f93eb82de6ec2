// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Keeps requests from waiting for what is known to be dead.
///
/// After a transfer found nobody to answer, the others are refused at once, for as long as it takes twice to find out again:
/// where connections are refused that is next to nothing, so the mount is back as soon as the server is; where they time out, one
/// request in a while waits, and no other. A pure state machine; all times count from one moment.
package struct OfflineGate: Sendable {
    /// What becomes of a request.
    package enum Admission: Sendable, Equatable {
        /// All is well.
        case pass
        /// It is the one that finds out.
        case probe
        /// There is nobody; it would wait in vain.
        case refuse
    }

    /// The shortest and the longest time for which nothing is tried.
    package static let pauses = Duration.milliseconds(100)...Duration.seconds(10)

    private enum State {
        case open
        case closed(until: Duration)
        case probing
    }

    private var state = State.open

    /// Begins open.
    package init() {}

    /// Whether the last that is known is that nobody answers.
    package var isOffline: Bool {
        if case .open = state { return false }
        return true
    }

    /// Decides about a request.
    package mutating func admit(at now: Duration) -> Admission {
        switch state {
        case .open: return .pass
        case .closed(let until) where now < until: return .refuse
        case .closed:
            state = .probing
            return .probe
        case .probing: return .refuse
        }
    }

    /// A request found nobody.
    ///
    /// Returns whether that is news.
    package mutating func failed(_ admission: Admission, after cost: Duration, at now: Duration) -> Bool {
        let wasOpen = !isOffline
        // A request from before the outage was noticed says nothing that the probe does not.
        if case .probing = state, admission != .probe { return false }
        state = .closed(until: now + min(max(cost * 2, Self.pauses.lowerBound), Self.pauses.upperBound))
        return wasOpen
    }

    /// A request got an answer, of whatever kind.
    ///
    /// Returns whether that is news.
    package mutating func answered() -> Bool {
        let wasOffline = isOffline
        state = .open
        return wasOffline
    }
}
