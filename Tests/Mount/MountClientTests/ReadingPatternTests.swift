// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import MountClient
import Testing

@Suite("reading ahead")
struct ReadingPatternTests {
    private let mebibyte: Int64 = 1 << 20

    @Test("a file that is read from front to back is fetched ahead: every chunk once, in order, none twice")
    func sequential() {
        var (pattern, fetched) = (ReadingPattern(), [Int]())
        for index in 0..<200 { fetched += pattern.read(index, of: 200, chunkSize: mebibyte) }
        #expect(fetched == Array(2..<200))
    }

    @Test("the window never exceeds its bound", arguments: [Int64(4096), 1 << 20, 4 << 20, 64 << 20])
    func bounded(chunkSize: Int64) {
        var pattern = ReadingPattern()
        for index in 0..<1000 {
            let ahead = pattern.read(index, of: 1000, chunkSize: chunkSize)
            guard let last = ahead.last else { continue }
            #expect(last > index)
            #expect(Int64(last - index) * chunkSize <= ReadingPattern.largestWindow)
        }
    }

    @Test("a small cache has a small window, and a tiny one none")
    func smallCache() {
        var (pattern, tiny) = (ReadingPattern(), ReadingPattern())
        for index in 0..<100 {
            let ahead = pattern.read(index, of: 100, chunkSize: mebibyte, window: 2 << 20)
            #expect((ahead.last ?? index) <= index + 2)
            #expect(tiny.read(index, of: 100, chunkSize: mebibyte, window: mebibyte / 2).isEmpty)
        }
    }

    @Test("a file that is read here and there is not")
    func random() {
        var (pattern, fetched) = (ReadingPattern(), 0)
        for step in 0..<500 {
            fetched += pattern.read(step * 7919 % 1009, of: 1009, chunkSize: mebibyte).count
        }
        #expect(fetched == 0)
    }

    @Test("the first chunk alone, however often it is read, fetches nothing")
    func firstOnly() {
        var pattern = ReadingPattern()
        for _ in 0..<10 { #expect(pattern.read(0, of: 100, chunkSize: mebibyte).isEmpty) }
    }

    @Test("reads that overtake each other are still one run")
    func overtaken() {
        var (pattern, fetched) = (ReadingPattern(), Set<Int>())
        for pair in 0..<50 {
            for index in [pair * 2 + 1, pair * 2] {
                fetched.formUnion(pattern.read(index, of: 100, chunkSize: mebibyte))
            }
        }
        #expect(fetched.isSuperset(of: 6..<100))
    }

    @Test("a jump begins anew")
    func jump() {
        var pattern = ReadingPattern()
        for index in 0..<20 { _ = pattern.read(index, of: 1000, chunkSize: mebibyte) }
        #expect(pattern.read(500, of: 1000, chunkSize: mebibyte).isEmpty)
        #expect(pattern.read(501, of: 1000, chunkSize: mebibyte) == 502..<504)
    }
}
