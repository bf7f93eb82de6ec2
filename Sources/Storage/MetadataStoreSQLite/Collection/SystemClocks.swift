// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import MetadataStore

extension CollectionClock.Sources {
    /// The machine's clocks.
    package static let system = CollectionClock.Sources(
        wall: { milliseconds(CLOCK_REALTIME) },
        steady: { milliseconds(CLOCK_MONOTONIC) }
    )

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
