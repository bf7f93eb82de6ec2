// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ContentLifetime
internal import Synchronization

/// The clock by which graces are measured: observed time, which goes on where the database has kept it.
///
/// It begins at the wall's time of its first start and falls behind the wall by what nobody observed. What was observed
/// since it was last kept is lost in a crash, which only makes graces longer.
package final class CollectionClock: Sendable {
    /// The clocks that it looks at, in milliseconds.
    package struct Sources: Sendable {
        package var wall: @Sendable () -> Int64
        /// Never steps back, and stands still while the machine sleeps.
        package var steady: @Sendable () -> Int64

        /// Joins two clocks.
        package init(wall: @escaping @Sendable () -> Int64, steady: @escaping @Sendable () -> Int64) {
            self.wall = wall
            self.steady = steady
        }
    }

    private let sources: Sources
    private let clock: Mutex<ObservedClock>

    /// Goes on from what was kept; without that, from the wall's time.
    package init(kept: Timestamp?, sources: Sources) {
        let wall = sources.wall()
        self.sources = sources
        clock = Mutex(
            ObservedClock(from: kept?.millisecondsSince1970 ?? wall, wall: wall, steady: sources.steady())
        )
    }

    /// The observed time.
    package func now() -> Timestamp {
        clock.withLock { clock in
            Timestamp(
                millisecondsSince1970: clock.advance(wall: sources.wall(), steady: sources.steady())
            )
        }
    }

    /// The setting under which the database keeps it.
    package static let setting = "collection.clock"
}
