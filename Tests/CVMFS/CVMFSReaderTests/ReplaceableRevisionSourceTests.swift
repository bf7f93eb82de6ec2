// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSReader
import Synchronization
import Testing

@Suite("servers that tell of revisions, replaced")
struct ReplaceableRevisionSourceTests {
    private final class Servers: RevisionSource {
        let servers: [String]
        let isClosed = Mutex(false)

        init(_ servers: [String]) { self.servers = servers }

        func listen(to server: Int, after revision: UInt64, _ listener: any RevisionListening) -> ListeningEnd
        {
            .over(retry: nil)
        }

        func close() { isClosed.withLock { $0 = true } }
    }

    private final class Deaf: RevisionListening {
        func isListening() {}
        func heard(_ letter: [UInt8]) -> Bool { false }
    }

    @Test("the old ones are closed, the new ones are listened to, and whoever waits is told")
    func replaced() {
        let (old, new) = (Servers(["a"]), Servers(["b", "c"]))
        let told = Atomic(0)
        let source = ReplaceableRevisionSource(old)
        source.whenReplaced { told.add(1, ordering: .relaxed) }
        #expect(source.servers == ["a"] && source.edition == 0)
        source.replace(by: new)
        #expect(old.isClosed.withLock { $0 } && !new.isClosed.withLock { $0 })
        #expect(source.servers == ["b", "c"] && source.edition == 1 && told.load(ordering: .relaxed) == 1)
        source.replace(by: nil)
        #expect(new.isClosed.withLock { $0 } && source.servers == [])
        #expect(source.listen(to: 0, after: 1, Deaf()) == .unsupported)
    }

    @Test("after the end nothing is opened any more")
    func closed() {
        let (old, new) = (Servers(["a"]), Servers(["b"]))
        let source = ReplaceableRevisionSource(old)
        source.close()
        source.replace(by: new)
        #expect(old.isClosed.withLock { $0 } && new.isClosed.withLock { $0 })
        #expect(source.servers == ["a"])
    }
}
