// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The life of one content, from its first reference to its removal: the rules that every kind of garbage follows.
///
/// ```
///             mark finds no reference            grace has passed             removed
///   live  ─────────────────────────▶  unreferenced  ─────────▶  condemned  ─────────▶  gone
///     ▲   a reference, or a mark that finds one │ ▲ │                │                   │
///     └─────────────────────────────────────────┘ └─┘ a hit renews   │ stored again      │ stored again
///     └──────────────────────────────────────────────────────────────┴───────────────────┘
/// ```
/// Each event is one conditional update of a row, so that of two that race one comes first and the other sees it. A hit on
/// something live costs nothing: it cannot vanish before a mark has found it unreferenced and the grace has passed after
/// that. What is condemned is never found again by its name alone, only by storing it again, which takes the
/// condemnation away before it looks at the bytes.
package struct ContentLife: Hashable, Sendable {
    /// Where in its life a content is.
    package enum State: Hashable, Sendable {
        case live
        /// Since when nothing refers to it, as observed time.
        case unreferenced(since: Int64)
        /// About to be removed: out of sight.
        case condemned
        /// Not there; also before it was ever stored.
        case gone
    }

    /// What it is at the moment.
    package private(set) var state: State

    /// Begins in a state.
    package init(_ state: State = .gone) { self.state = state }

    /// Somebody asks whether it is there and may rely on the answer for one grace.
    ///
    /// - Returns: whether it is there.
    package mutating func hit(at now: Int64) -> Bool {
        switch state {
        case .live: return true
        case .unreferenced:
            state = .unreferenced(since: now)
            return true
        case .condemned, .gone: return false
        }
    }

    /// Somebody is about to store its bytes: from here on they are not removed for one grace.
    package mutating func prepare(at now: Int64) {
        switch state {
        case .gone: break
        // What is live may lose its last reference, and the rest of its grace with it, while the bytes are on their way.
        case .live, .unreferenced, .condemned: state = .unreferenced(since: now)
        }
    }

    /// Its bytes are in place and somebody has a claim to them.
    package mutating func store() { state = .live }

    /// Something refers to it from now on.
    ///
    /// - Returns: false if it is not there; then there must be no reference.
    package mutating func refer() -> Bool {
        switch state {
        case .live, .unreferenced:
            state = .live
            return true
        case .condemned, .gone: return false
        }
    }

    /// A mark has looked whether anything refers to it.
    package mutating func mark(isReferenced: Bool, at now: Int64) {
        switch (state, isReferenced) {
        case (.live, false): state = .unreferenced(since: now)
        case (.unreferenced, true): state = .live
        default: break
        }
    }

    /// Condemns it if nothing has referred to it since `deadline`.
    ///
    /// - Returns: whether it is condemned now.
    package mutating func condemn(deadline: Int64, isReferenced: Bool) -> Bool {
        guard case .unreferenced(let since) = state, since <= deadline, !isReferenced else { return false }
        state = .condemned
        return true
    }

    /// Forgets it, in the same step in which its bytes are taken away.
    ///
    /// - Returns: false if it is not condemned any more: then its bytes must stay.
    package mutating func remove() -> Bool {
        guard state == .condemned else { return false }
        state = .gone
        return true
    }
}
