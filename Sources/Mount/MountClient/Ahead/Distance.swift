// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSReader

/// How far away the servers are: what is fetched before anybody asks for it depends on what a wait costs.
package enum Distance: Comparable, Sendable {
    /// A wait costs less than fetching what may not be read.
    case near
    case far
    /// A program that starts waits longer than all of its files take to come.
    case remote
    /// A wait costs so much that what is only guessed is worth fetching, too.
    case overseas

    /// Judges by a round trip; `nil` if none was measured.
    ///
    /// The first few only tell of a way so long that no busy machine could be taken for it.
    package init(roundTrip: TransferMeter.RoundTrip?) {
        switch roundTrip {
        case let trip? where trip.duration >= .milliseconds(50): self = .overseas
        case let trip? where trip.duration >= .milliseconds(15): self = .remote
        case let trip? where trip.isSettled && trip.duration >= .milliseconds(5): self = .far
        default: self = .near
        }
    }

    /// Larger files are not fetched ahead: they cost more than a round trip.
    package var fileLimit: Int64 { self >= .remote ? 1 << 20 : 256 << 10 }

    /// So many plain bytes at most are fetched for one sign.
    package var bytesLimit: Int64 { self == .overseas ? 16 << 20 : 8 << 20 }

    /// A library of up to so many bytes is fetched as a whole before it is loaded.
    package var libraryLimit: Int64 { max(wholeFileLimit, 1 << 20) }

    /// A chunked file of up to so many bytes is fetched as a whole when its first chunk is read.
    package var wholeFileLimit: Int64 { self >= .remote ? 40 << 20 : 0 }
}
