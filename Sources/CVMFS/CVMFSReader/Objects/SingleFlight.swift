// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Dispatch
internal import Synchronization

/// Lets the first of several threads that want one object fetch it, while the others wait.
final class SingleFlight: Sendable {
    private let flights = Mutex<[ContentHash: DispatchGroup]>([:])

    /// Runs `body` unless another thread is running it for `name`: then waits for that, and returns `nil`.
    func run<Result>(_ name: ContentHash, _ body: () throws -> Result) rethrows -> Result? {
        let (flight, isFirst) = flights.withLock { flights in
            if let flight = flights[name] { return (flight, false) }
            let flight = DispatchGroup()
            flight.enter()
            flights[name] = flight
            return (flight, true)
        }
        guard isFirst else {
            flight.wait()
            return nil
        }
        defer {
            flights.withLock { $0[name] = nil }
            flight.leave()
        }
        return try body()
    }
}
