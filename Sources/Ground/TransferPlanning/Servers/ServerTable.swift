// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Which server is asked first: the state that all transfers of a repository share.
///
/// A pure state machine; all times count from one moment. - Source: cvmfs-format H.3, H.5.
package struct ServerTable: Sendable {
    private let count: Int
    private let resetAfter: Duration?
    private var moved: Duration?
    /// The position of the server that is asked first.
    package private(set) var current = 0

    /// Begins with the first of some servers.
    ///
    /// `resetAfter` is how long another than the first one is preferred at most; `nil` for as long as it answers.
    package init(count: Int, resetAfter: Duration?) {
        self.count = count
        self.resetAfter = resetAfter
    }

    /// The server that a transfer begins with.
    package mutating func first(at now: Duration) -> Int {
        if let resetAfter, let since = moved, now - since >= resetAfter { (current, moved) = (0, nil) }
        return current
    }

    /// The one after another.
    package func next(after server: Int) -> Int { count > 0 ? (server + 1) % count : 0 }

    /// Takes note that a server does not answer at all.
    package mutating func failed(_ server: Int, at now: Duration) {
        guard server == current, count > 1 else { return }
        current = next(after: server)
        moved = current == 0 ? nil : now
    }

    /// Begins with the next server from now on.
    package mutating func switchServer(at now: Duration) { failed(current, at: now) }

    /// Takes note that a server delivered.
    package mutating func delivered(_ server: Int, at now: Duration) {
        guard server != current, (0..<count).contains(server) else { return }
        current = server
        moved = server == 0 ? nil : now
    }
}
