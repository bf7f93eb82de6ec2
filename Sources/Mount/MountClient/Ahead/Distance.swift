// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// How far away the servers are: what is fetched before anybody asks for it depends on what a wait costs.
package enum Distance: Comparable, Sendable {
    /// A wait costs less than fetching what may not be read.
    case near
    case far
    /// A program that starts waits longer than all of its files take to come.
    case remote

    /// Judges by a round trip; `nil` if none was measured.
    package init(roundTrip: Duration?) {
        guard let roundTrip else {
            self = .near
            return
        }
        self = roundTrip < .milliseconds(5) ? .near : roundTrip < .milliseconds(30) ? .far : .remote
    }

    /// Larger files are not fetched ahead: they cost more than a round trip.
    package var fileLimit: Int64 { self == .remote ? 1 << 20 : 256 << 10 }

    /// A chunked file of up to so many bytes is fetched as a whole when its first chunk is read.
    package var wholeFileLimit: Int64 { self == .remote ? 40 << 20 : 0 }
}
