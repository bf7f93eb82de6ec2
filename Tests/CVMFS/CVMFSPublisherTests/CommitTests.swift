// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import CVMFSPublisher
import CVMFSReader
import CompressionCodecs
import Digests
import FileTree
import MetadataStore
import Testing

/// - Source: cvmfs-format B.9, D.2, E.4.
@Suite struct CommitTests {
    @Test("a new repository has no faults", arguments: ContentHashAlgorithm.allCases)
    func creation(algorithm: ContentHashAlgorithm) throws {
        let fixture = try PublishedFixture(algorithm: algorithm)
        #expect(try fixture.faults().isEmpty)
        let manifest = try fixture.served()
        #expect(manifest.revision == 1 && manifest.rootCatalog.algorithm == algorithm)
        #expect(try fixture.listing().isEmpty)
    }

    @Test("a repository cannot be made twice")
    func existing() throws {
        let fixture = try PublishedFixture()
        let problem = #expect(throws: PublisherProblem.self) {
            try RepositoryPublisher.create(
                at: fixture.location,
                profile: .fast,
                algorithm: .sha1,
                records: fixture.records,
                map: fixture.records,
                now: PublishedFixture.start
            )
        }
        #expect(problem?.code == .repositoryExists)
    }

    @Test("a writer that lost its lease publishes nothing, and the files stay those of the other")
    func lostLease() throws {
        let fixture = try PublishedFixture()
        let stalled = try fixture.open()
        let editor = try stalled.edit(now: PublishedFixture.start)
        try editor.putFile(Array("stalled".utf8), at: TreePath("stalled"))

        let other = try fixture.open()
        let otherEditor = try other.edit(now: PublishedFixture.start)
        try otherEditor.putFile(Array("other".utf8), at: TreePath("other"))
        try other.commit(otherEditor)
        let published = try fixture.served()

        let problem = #expect(throws: PublisherProblem.self) { try stalled.commit(editor) }
        #expect(problem?.code == .lostLease)
        #expect(try fixture.served() == published)
        #expect(try fixture.listing() == ["other"])
        #expect(try fixture.faults().isEmpty)
        // It stays out, also with a new transaction.
        let again = try stalled.edit(now: PublishedFixture.start)
        try again.putFile([1], at: TreePath("again"))
        #expect(throws: PublisherProblem.self) { try stalled.commit(again) }
    }

    @Test("revision and time only grow, whatever the clock does")
    func clock() throws {
        let fixture = try PublishedFixture()
        let publisher = try fixture.open()
        var last = try fixture.served()
        for now in [100, -5000, 50, 0, -1_000_000] as [Int64] {
            let editor = try publisher.edit(now: PublishedFixture.start + now)
            try editor.putFile(Array("\(now)".utf8), at: TreePath("file"))
            try publisher.commit(editor)
            let manifest = try fixture.served()
            #expect(manifest.revision == last.revision + 1)
            #expect(manifest.timestamp >= last.timestamp)
            last = manifest
        }
        #expect(last.timestamp == PublishedFixture.start + 100)
        #expect(try fixture.faults(now: PublishedFixture.start + 100).isEmpty)
    }

    @Test("a transaction that changes nothing makes no revision")
    func idle() throws {
        let fixture = try PublishedFixture()
        let publisher = try fixture.open()
        try publisher.commit(try publisher.edit(now: PublishedFixture.start + 1))
        #expect(try fixture.served().revision == 1)
    }

    @Test("files that lag behind the record are put right at the next opening")
    func repair() throws {
        let fixture = try PublishedFixture()
        let old = try fixture.served()
        let publisher = try fixture.open()
        let editor = try publisher.edit(now: PublishedFixture.start + 10)
        try editor.putFile([1], at: TreePath("file"))
        try publisher.commit(editor)
        // A crash between the swap and the mirrors leaves the files one revision behind.
        let letter = try SignedLetter(text: old.text, algorithm: .sha1) { _ throws(KeyProblem) in [0] }
        try File.write(letter.encoded, to: fixture.location.manifest)
        try File.write([1, 2, 3], to: fixture.location.reflog)
        _ = try fixture.open(now: PublishedFixture.start + 20)
        #expect(try fixture.served().revision == 2)
        // A reflog that was lost is made of what is known; the manifest names it from the next revision on.
        #expect(try fixture.faults().map(\.rule) == [.reflog])
        try fixture.commit { editor, _ in try editor.putFile([2], at: TreePath("file")) }
        #expect(try fixture.faults().isEmpty)
    }

    @Test("history keeps trunk, the one before, the user's tags, and three days of automatic ones")
    func history() throws {
        let fixture = try PublishedFixture()
        let publisher = try fixture.open()
        for day in 1...6 as ClosedRange<Int64> {
            let editor = try publisher.edit(now: PublishedFixture.start + day * 86400)
            try editor.putFile([UInt8(day)], at: TreePath("file"))
            try publisher.commit(editor, tag: day == 2 ? "release" : nil)
        }
        let snapshots = try fixture.snapshots()
        let names = snapshots.map(\.name)
        #expect(snapshots.first { $0.name == "trunk" }?.revision == 7)
        #expect(snapshots.first { $0.name == "trunk-previous" }?.revision == 6)
        #expect(snapshots.first { $0.name == "release" }?.revision == 3)
        let automatic = snapshots.filter { $0.name.hasPrefix("generic-") }
        #expect(automatic.map(\.revision) == [5, 6, 7])
        #expect(names.contains("generic-2026-01-07T00:00:00Z"))
        #expect(Set(names).count == names.count)
    }

    @Test("at most a hundred automatic tags are kept, and two in one second have names of their own")
    func manyTags() throws {
        let fixture = try PublishedFixture()
        let publisher = try fixture.open()
        for number in 1...105 {
            let editor = try publisher.edit(now: PublishedFixture.start)
            try editor.putLink(to: Array("\(number)".utf8), at: TreePath("link"))
            try publisher.commit(editor)
        }
        let names = try fixture.snapshots().map(\.name)
        #expect(names.count { $0.hasPrefix("generic") } == 100)
        #expect(Set(names).count == names.count)
    }

    @Test("snapshots of one second are numbered, and those that a user named are no automatic ones")
    func namesOfSnapshots() throws {
        let fixture = try PublishedFixture()
        let publisher = try fixture.open()
        for (number, tag) in [(1, "generic-drugs"), (2, nil), (3, "generic")] as [(UInt8, String?)] {
            let editor = try publisher.edit(now: PublishedFixture.start)
            try editor.putFile([number], at: TreePath("file"))
            try publisher.commit(editor, tag: tag)
        }
        let later = try publisher.edit(now: PublishedFixture.start + 30 * 86400)
        try later.putFile([9], at: TreePath("file"))
        let before = try fixture.snapshots().map(\.name).filter { $0.hasPrefix("generic") }
        #expect(
            before.sorted() == [
                "generic", "generic-2026-01-01T00:00:00Z", "generic-drugs",
                "generic_2-2026-01-01T00:00:00Z", "generic_3-2026-01-01T00:00:00Z",
                "generic_4-2026-01-01T00:00:00Z",
            ]
        )
        try publisher.commit(later)
        let after = try fixture.snapshots().map(\.name).filter { $0.hasPrefix("generic") }
        #expect(after.sorted() == ["generic", "generic-2026-01-31T00:00:00Z", "generic-drugs"])
    }

    @Test(
        "time to live, age and number of snapshots are what the terms say; without them, what the repository has"
    )
    func terms() throws {
        let fixture = try PublishedFixture()
        #expect(try fixture.served().timeToLive == 60)
        let terms = PublicationTerms(timeToLive: 7, snapshotAge: 86400, snapshotCount: 2)
        let publisher = try fixture.open(terms: terms)
        for number in 1...4 as ClosedRange<UInt8> {
            let editor = try publisher.edit(now: PublishedFixture.start + Int64(number))
            try editor.putFile([number], at: TreePath("file"))
            try publisher.commit(editor)
        }
        #expect(try fixture.served().timeToLive == 7)
        #expect(try fixture.snapshots().count { $0.name.hasPrefix("generic") } == 2)
        try fixture.commit { editor, _ in try editor.putFile([9], at: TreePath("file")) }
        #expect(try fixture.served().timeToLive == 7)
        #expect(try fixture.faults(now: PublishedFixture.start + 4).isEmpty)
    }

    @Test("the whitelist is renewed when less than ten days remain, not before, and at once if it is damaged")
    func whitelist() throws {
        let fixture = try PublishedFixture()
        let publisher = try fixture.open()
        let day: Int64 = 86400
        let first = try publisher.whitelist.renewIfNeeded(now: PublishedFixture.start)
        #expect(first == PublishedFixture.start + 30 * day)
        #expect(try publisher.whitelist.renewIfNeeded(now: PublishedFixture.start + 19 * day) == first)
        let second = try publisher.whitelist.renewIfNeeded(now: PublishedFixture.start + 21 * day)
        #expect(second == PublishedFixture.start + 51 * day)
        var file = try File.read(fixture.location.whitelist)
        file[file.count - 1] ^= 1
        try File.write(file, to: fixture.location.whitelist)
        let third = try publisher.whitelist.renewIfNeeded(now: PublishedFixture.start + 22 * day)
        #expect(third == PublishedFixture.start + 52 * day)
        #expect(try fixture.faults(now: PublishedFixture.start + 22 * day).isEmpty)
    }
}
