// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Synchronization

/// The desks of all threads of a mount, for the one who clears them.
final class OpenDesks: Sendable {
    private let desks = Mutex<[ObjectDesk]>([])

    /// Remembers the desk of a thread, for as long as the mount lasts: threads end with it.
    func add(_ desk: ObjectDesk) { desks.withLock { $0.append(desk) } }

    /// Closes objects wherever they are open between two reads.
    func drop(_ names: [ContentHash]) {
        for desk in desks.withLock({ $0 }) {
            for name in names { desk.drop(name) }
        }
    }
}
