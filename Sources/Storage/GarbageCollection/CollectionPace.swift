// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MetadataStore

/// Makes room for others between the batches of one step of a run.
///
/// The database takes one writer at a time, in the order of their asking: who pushes waits for at most one batch, which is
/// the changes and their commit. So a batch has as many rows as can be changed in two milliseconds, whatever a row costs at
/// that moment, or in the time of a commit if the disk is slower than that: less would not shorten the wait by half, and
/// cost as many commits more. After a batch the step rests, so that others get the machine, too.
package struct CollectionPace {
    /// Rows that are read in one transaction; readers hold nobody up.
    static let page = 256

    private static let sizes = 24...500
    private static let goals = Duration.milliseconds(2)...Duration.milliseconds(20)
    private static let longestRest = Duration.milliseconds(50)

    /// How many rows the next batch has.
    package private(set) var batch = 64
    /// What commits took lately.
    private var commit = Duration.zero

    private let clock = ContinuousClock()

    /// Begins with a batch of a middling size.
    package init() {}

    /// Does something that holds nobody up, and rests.
    func apart<Value>(_ body: () throws -> Value) rethrows -> Value {
        let start = clock.now
        let value = try body()
        rest(since: start)
        return value
    }

    /// Changes a batch of rows in one transaction, and rests.
    ///
    /// - Parameters:
    ///   - metadata: the database.
    ///   - count: how many rows it is about.
    ///   - isLasting: whether the changes must be on the disk when the call returns, with all before them: so must what says
    ///     that files may go, before one of them does. Other changes are only made again after a crash of the machine.
    ///   - body: makes the changes.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` and the database throw.
    mutating func change<Value>(
        _ metadata: any MetadataStore,
        _ count: Int,
        lasting isLasting: Bool,
        _ body: (any MetadataTransaction) throws -> Value
    ) throws -> Value {
        // The wait for one's turn is others' time: the clock starts with the turn.
        var (start, end) = (clock.now, clock.now)
        let timed: (any MetadataTransaction) throws -> Value = { transaction in
            start = clock.now
            defer { end = clock.now }
            return try body(transaction)
        }
        let value =
            isLasting ? try metadata.writeBlocking(timed) : try metadata.writeBlockingUnsynced(timed)
        fit(count, work: end - start, commit: clock.now - end)
        rest(since: start)
        return value
    }

    /// Takes away what is condemned in a published repository, in one transaction, and rests.
    ///
    /// - Returns: what was taken away.
    /// - Throws: what `removal` and the database throw.
    mutating func remove(
        _ names: [CollectableName],
        in repository: String,
        of records: any Collectables,
        _ removal: (CollectableName) throws -> Void
    ) throws -> [CollectableName] {
        var start: ContinuousClock.Instant?
        var end = clock.now
        let removed = try records.remove(names, in: repository) { name in
            start = start ?? clock.now
            try removal(name)
            end = clock.now
        }
        if let start {
            fit(removed.count, work: end - start, commit: clock.now - end)
            rest(since: start)
        }
        return removed
    }

    /// Sets the size of the next batch by what this one took.
    ///
    /// - Parameters:
    ///   - count: the rows of the batch.
    ///   - work: how long they took.
    ///   - commit: how long the commit took after that.
    package mutating func fit(_ count: Int, work: Duration, commit: Duration) {
        self.commit = self.commit == .zero ? commit : (self.commit * 3 + commit) / 4
        // The few rows of a last batch say nothing.
        guard count >= min(batch, Self.sizes.lowerBound), work > .zero else { return }
        let goal = min(max(self.commit, Self.goals.lowerBound), Self.goals.upperBound)
        // Growth is slow, since the first rows may have been the cheap ones.
        let next = Int(min(Double(count) * (goal / work), Double(batch) * 1.5))
        batch = min(max(next, Self.sizes.lowerBound), Self.sizes.upperBound)
    }

    /// Rests for as long as was worked.
    private func rest(since start: ContinuousClock.Instant) {
        BlockingPause.sleep(min(clock.now - start, Self.longestRest))
    }
}
