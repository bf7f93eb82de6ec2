// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import MountClient
import Testing

@Suite("histograms of times")
struct HistogramTests {
    @Test("a quantile is never too small, and too large by a quarter at most")
    func bounds() {
        for time in (0..<64).flatMap({ power in
            [0, 1, 2].map { (UInt64(1) << power) &+ (UInt64(1) << power) / 3 * $0 }
        }) {
            var histogram = Histogram()
            histogram.add(time)
            let told = histogram.quantile(0.5)
            #expect(told >= time && told - time <= time / 4, "\(time): \(told)")
        }
    }

    @Test("quantiles of many are where they should be")
    func quantiles() {
        var (first, second) = (Histogram(), Histogram())
        for time in 1...500 { first.add(UInt64(time)) }
        for time in 501...1000 { second.add(UInt64(time)) }
        first.add(second)
        #expect(first.count == 1000)
        for share in [0.1, 0.5, 0.9, 0.99, 1] {
            let told = Double(first.quantile(share))
            #expect(told >= 1000 * share && told <= 1250 * share)
        }
        #expect(Histogram().quantile(0.5) == 0)
    }
}
