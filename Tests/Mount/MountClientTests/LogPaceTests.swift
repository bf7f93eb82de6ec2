// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import MountClient
import Testing

@Suite("the pace of a log")
struct LogPaceTests {
    @Test("a burst is written, then one line a second, and what was left out is said")
    func flood() {
        var pace = LogPace()
        let first = (0..<200).flatMap { pace.lines(for: "line \($0)", at: 0) }
        #expect(first.count == Int(LogPace.burst))
        #expect(first.first == "line 0")
        #expect(pace.lines(for: "later", at: 0.5) == [])
        #expect(pace.lines(for: "again", at: 1.6) == ["151 lines were left out", "again"])
        #expect(pace.lines(for: "too soon", at: 1.7) == [])
    }

    @Test("a quiet hour makes room for one burst, not for an hour's lines")
    func quiet() {
        var pace = LogPace()
        _ = (0..<200).map { pace.lines(for: "\($0)", at: 0) }
        let later = (0..<200).flatMap { pace.lines(for: "\($0)", at: 3600) }
        // The first line brings word of the others.
        #expect(later.count == Int(LogPace.burst) + 1)
    }

    @Test("a clock that steps back does no harm")
    func backwards() {
        var pace = LogPace()
        #expect(pace.lines(for: "a", at: 100) == ["a"])
        #expect(pace.lines(for: "b", at: 50) == ["b"])
    }
}
