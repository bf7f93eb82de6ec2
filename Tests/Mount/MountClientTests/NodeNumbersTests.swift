// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import Digests
import MountClient
import Testing

@Suite("numbers of nodes")
struct NodeNumbersTests {
    private let numbers = NodeNumbers(secret: 0x1234_5678_9abc_def0)
    private let place = PathKey(path: Array("/usr/bin/env".utf8))
    private let file = CatalogEntry(
        name: Array("env".utf8),
        mode: 0o100755,
        size: 48_000,
        mtime: 1_700_000_000,
        flags: .file,
        hash: ContentHash(.shake128, of: [1, 2, 3]),
        rowID: 17
    )

    @Test("numbers are these in every run: an exported mount's clients come back with them")
    func lasting() {
        #expect(numbers.number(of: file, at: place) == 0x4a95_5fdc_1eb4_654b)
        #expect(numbers.number(ofDirectoryAt: place) == 0x449e_8880_5913_fe2f)
        #expect(numbers.number(ofDirectoryAt: .root) == NodeNumbers.root)
    }

    @Test("whatever can be seen of a file changes its number")
    func visible() throws {
        let changes: [(inout CatalogEntry) -> Void] = [
            { $0.mode = 0o100754 }, { $0.uid = 1 }, { $0.gid = 1 }, { $0.size += 1 }, { $0.mtime += 1 },
            { $0.mtimeNanoseconds = 0 }, { $0.mtimeNanoseconds = 1 }, { $0.flags.insert(.chunked) },
            { $0.hash = nil }, { $0.hash = ContentHash(.shake128, of: [1, 2, 4]) },
            { $0.hash = ContentHash(algorithm: .sha1, bytes: $0.hash?.bytes ?? []) },
            { $0.linkTarget = [0] }, { $0.attributes = [0] }, { $0.linkCount = 2 }, { $0.linkGroup = 1 },
        ]
        var seen: Set = [numbers.number(of: file, at: place), numbers.number(ofDirectoryAt: place)]
        for change in changes {
            var other = file
            change(&other)
            seen.insert(numbers.number(of: other, at: place))
        }
        seen.insert(numbers.number(of: file, at: PathKey(path: [])))
        seen.insert(NodeNumbers(secret: 1).number(of: file, at: place))
        #expect(seen.count == changes.count + 4)
    }

    @Test(
        "what cannot be seen of it does not: its row, and the group and name of a member of a hard link group"
    )
    func invisible() {
        var (one, other) = (file, file)
        other.rowID = 18
        #expect(numbers.number(of: one, at: place) == numbers.number(of: other, at: place))
        (one.linkGroup, other.linkGroup, other.name) = (1, 2, [65])
        #expect(numbers.number(of: one, at: place) == numbers.number(of: other, at: place))
    }

    @Test("a directory has one number whatever it shows")
    func directories() {
        let one = CatalogEntry(name: [65], mode: 0o040755, mtime: 1, flags: .directory)
        let other = CatalogEntry(name: [65], mode: 0o040700, mtime: 2, flags: .directory)
        #expect(numbers.number(of: one, at: place) == numbers.number(of: other, at: place))
    }
}
