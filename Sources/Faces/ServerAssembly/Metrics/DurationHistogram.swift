// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// How many requests took how long.
struct DurationHistogram: Sendable {
    /// The upper ends of the buckets, seconds: those of OpenTelemetry, with some below for answers from memory and some
    /// above for large blobs.
    ///
    /// - Source: OpenTelemetry semantic conventions 1.36, "http.server.request.duration".
    static let bounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30,
        60, 300,
    ]
    private static let boundsInNanoseconds = bounds.map { Int64($0 * 1e9) }

    /// One for each bucket, and one for what is beyond the last.
    private(set) var counts = [Int64](repeating: 0, count: Self.bounds.count + 1)
    private(set) var sumInNanoseconds: Int64 = 0

    /// Counts one request.
    mutating func record(nanoseconds: Int64) {
        counts[Self.boundsInNanoseconds.firstIndex { nanoseconds <= $0 } ?? Self.bounds.count] += 1
        sumInNanoseconds &+= nanoseconds
    }
}
