// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSReader
import MountClient
import Testing

@Suite("what waits for files are signs of")
struct WaitHistoryTests {
    private func wait(
        _ history: inout WaitHistory,
        _ file: UInt64,
        _ path: String,
        _ distance: Distance = .overseas
    ) -> [String] {
        history.wait(for: file, in: Array(path.utf8), distance).map { wish in
            switch wish {
            case .directory(let path): "directory \(String(decoding: path, as: UTF8.self))"
            case .family(let path): "family \(String(decoding: path, as: UTF8.self))"
            case .subtree(let path): "subtree \(String(decoding: path, as: UTF8.self))"
            }
        }
    }

    @Test("far away, the second file of a directory is one for the directory, once")
    func far() {
        var history = WaitHistory()
        #expect(wait(&history, 1, "/p", .far) == [])
        #expect(wait(&history, 1, "/p", .far) == [])
        #expect(wait(&history, 2, "/p", .far) == ["directory /p"])
        #expect(wait(&history, 3, "/p", .far) == [])
        #expect(wait(&history, 4, "/p/q", .far) == [])
    }

    @Test("near, nothing is a sign")
    func near() {
        var history = WaitHistory()
        for file in 1...5 { #expect(wait(&history, UInt64(file), "/p", .near) == []) }
    }

    @Test("farther away, the first file of a directory is one for its family")
    func family() {
        var history = WaitHistory()
        #expect(wait(&history, 1, "/p") == ["family /p"])
        #expect(wait(&history, 2, "/p") == ["directory /p"])
        #expect(wait(&history, 3, "/p") == [])
    }

    @Test("waits below two directories of one that was waited in are one for everything below it, once")
    func subtree() {
        var history = WaitHistory()
        #expect(wait(&history, 1, "/lib/p") == ["family /lib/p"])
        #expect(wait(&history, 2, "/lib/p/a/cache") == ["family /lib/p/a/cache"])
        #expect(wait(&history, 3, "/lib/p/b") == ["family /lib/p/b", "subtree /lib/p"])
        #expect(wait(&history, 4, "/lib/p/c") == ["family /lib/p/c"])
    }

    @Test("no farther than that, the family is all there is")
    func remote() {
        var history = WaitHistory()
        #expect(wait(&history, 1, "/lib/p", .remote) == ["family /lib/p"])
        #expect(wait(&history, 2, "/lib/p/a", .remote) == ["family /lib/p/a"])
        #expect(wait(&history, 3, "/lib/p/b", .remote) == ["family /lib/p/b"])
        #expect(wait(&history, 4, "/lib/p/b", .remote) == ["directory /lib/p/b"])
    }

    @Test("a package is waited in where its compiled modules are")
    func compiled() {
        var history = WaitHistory()
        #expect(wait(&history, 1, "/lib/p/__pycache__") == ["family /lib/p/__pycache__"])
        #expect(
            wait(&history, 2, "/lib/p/a/__pycache__") == ["family /lib/p/a/__pycache__", "subtree /lib/p"]
        )
        // What holds packages is none.
        #expect(wait(&history, 3, "/lib/q/__pycache__") == ["family /lib/q/__pycache__"])
    }

    @Test("a directory that only holds others is no package, and the root has nothing above it")
    func holders() {
        var history = WaitHistory()
        #expect(wait(&history, 1, "/usr/lib") == ["family /usr/lib"])
        #expect(wait(&history, 2, "/usr/bin") == ["family /usr/bin"])
        #expect(wait(&history, 3, "/etc") == ["family /etc"])
        #expect(wait(&history, 4, "") == ["family ", "subtree "])
    }

    @Test("what it remembers is bounded")
    func bound() {
        var history = WaitHistory(limit: 8)
        for file in 1...100 { _ = wait(&history, UInt64(file), "/d\(file)") }
        #expect(wait(&history, 1, "/d1") == ["family /d1"])
    }
}

@Suite struct DistanceTests {
    private func distance(_ duration: Duration, isSettled: Bool) -> Distance {
        Distance(roundTrip: TransferMeter.RoundTrip(duration, isSettled: isSettled))
    }

    @Test("is judged by a round trip, and near before one was measured")
    func thresholds() {
        #expect(Distance(roundTrip: nil) == .near)
        #expect(distance(.microseconds(4999), isSettled: true) == .near)
        #expect(distance(.milliseconds(5), isSettled: true) == .far)
        #expect(distance(.milliseconds(15), isSettled: true) == .remote)
        #expect(distance(.milliseconds(50), isSettled: true) == .overseas)
        // A busy machine takes a few milliseconds, too.
        #expect(distance(.microseconds(14_999), isSettled: false) == .near)
        #expect(distance(.milliseconds(15), isSettled: false) == .remote)
        #expect(Distance.near < .far && Distance.far < .remote && Distance.remote < .overseas)
    }
}
