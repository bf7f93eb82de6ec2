// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import GarbageCollection
import Testing

@Suite struct CollectionPaceTests {
    /// The size of batches after many of them, each row and each commit taking so long.
    private func size(row: Duration, commit: Duration) -> Int {
        var pace = CollectionPace()
        for _ in 0..<50 { pace.fit(pace.batch, work: row * pace.batch, commit: commit) }
        return pace.batch
    }

    @Test(
        "a batch takes two milliseconds, or as long as a commit, within its bounds",
        arguments: [
            (10, 100, 200), (20, 1_000, 100), (1, 100, 500), (10_000, 100, 24), (20, 4_000, 200),
            (100, 90_000, 200),
        ]
    )
    func fits(_ row: Int, _ commit: Int, _ expected: Int) {
        let found = size(row: .microseconds(row), commit: .microseconds(commit))
        #expect((expected - 1...expected).contains(found))
    }

    @Test("a batch that took too long makes the next one short at once, and quick ones lengthen it slowly")
    func changes() {
        var pace = CollectionPace()
        for _ in 0..<50 { pace.fit(pace.batch, work: .microseconds(pace.batch), commit: .zero) }
        #expect(pace.batch == 500)
        pace.fit(500, work: .milliseconds(20), commit: .zero)
        #expect(pace.batch == 50)
        pace.fit(50, work: .microseconds(50), commit: .zero)
        #expect(pace.batch == 75)
    }

    @Test("the few rows of a last batch, and a clock that stands still, say nothing")
    func uninteresting() {
        var pace = CollectionPace()
        let before = pace.batch
        pace.fit(1, work: .seconds(1), commit: .zero)
        pace.fit(before, work: .zero, commit: .zero)
        #expect(pace.batch == before)
    }
}
