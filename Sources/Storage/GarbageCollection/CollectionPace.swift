// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStore

/// Makes room for others between the batches of a run.
///
/// The database takes one writer at a time, in the order of their asking. A run that rests after each batch for as long as
/// the batch took leaves at least half of the time to pushes, and none of them waits for more than one batch.
struct CollectionPace: Sendable {
    /// Rows that are read in one transaction; readers hold nobody up.
    static let page = 2_000
    /// Rows that are changed in one transaction.
    static let batch = 500

    private let clock = ContinuousClock()

    /// Runs one batch, and rests.
    func batch<Value>(_ body: () throws -> Value) rethrows -> Value {
        let start = clock.now
        let value = try body()
        BlockingPause.sleep(min(clock.now - start, .milliseconds(50)))
        return value
    }
}
