// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import CVMFSReader
import Digests
import Testing

/// Each rule for rows, by a row that breaks just this one.
@Suite struct EntryRulesTests {
    private static let hash = ContentHash(.sha1, of: [1])
    private static let file = CatalogEntry(
        name: Array("file".utf8),
        mode: 0o100644,
        size: 1,
        flags: .regular(.sha1, .zlib, chunked: false),
        hash: hash
    )
    private static let directory = CatalogEntry(
        name: Array("d".utf8),
        mode: 0o040755,
        flags: .directory,
        linkCount: 2
    )
    private static let link = CatalogEntry(
        name: Array("l".utf8),
        mode: 0o120777,
        flags: [.file, .symbolicLink],
        linkTarget: [97]
    )
    private static let device = CatalogEntry(
        name: Array("null".utf8),
        mode: 0o020644,
        size: 259,
        flags: [.file, .special]
    )
    private static let fifo = CatalogEntry(name: Array("p".utf8), mode: 0o010644, flags: [.file, .special])

    @Test("good rows have no findings", arguments: [file, directory, link, device, fifo])
    func good(entry: CatalogEntry) { #expect(EntryRules.findings(entry, isRoot: false).isEmpty) }

    private static func changed(_ entry: CatalogEntry, _ change: (inout CatalogEntry) -> Void) -> CatalogEntry
    {
        var copy = entry
        change(&copy)
        return copy
    }

    @Test(
        "a row that breaks a rule is named by it",
        arguments: [
            (changed(file) { $0.name = [] }, .entryName),
            (changed(file) { $0.name = Array("a/b".utf8) }, .entryName),
            (changed(file) { $0.name = [97, 0] }, .entryName),
            (changed(directory) { $0.name = Array("..".utf8) }, .entryName),
            (changed(file) { $0.mode = 0o644 }, .entryType),
            (changed(file) { $0.mode = 0o010644 }, .entryType),
            (changed(directory) { $0.flags = .file }, .entryType),
            (changed(file) { $0.flags.insert(.nestedRoot) }, .entryType),
            (changed(link) { $0.flags = .file }, .entryType),
            (changed(file) { $0.hash = nil }, .contentHash),
            (changed(link) { $0.hash = hash }, .contentHash),
            (changed(file) { $0.flags.formUnion(EntryFlags(rawValue: 7 << 8)) }, .contentHash),
            (changed(file) { $0.flags.formUnion(EntryFlags(rawValue: 7 << 11)) }, .contentHash),
            (changed(file) { $0.size = -1 }, .entrySize),
            (changed(fifo) { $0.size = 5 }, .entrySize),
            (changed(file) { $0.linkCount = 0 }, .linkCount),
            (changed(file) { $0.linkCount = 2 }, .hardLinkGroup),
            (changed(directory) { $0.linkGroup = 1 }, .hardLinkGroup),
            (changed(link) { $0.linkTarget = [] }, .linkTarget),
            (changed(file) { $0.linkTarget = [97] }, .linkTarget),
            (changed(link) { $0.flags.insert(.chunked) }, .chunks),
            (changed(directory) { $0.flags.insert(.external) }, .externalFile),
            (changed(file) { $0.mtimeNanoseconds = 1_000_000_000 }, .entryTime),
            (changed(file) { $0.mtimeNanoseconds = -1 }, .entryTime),
            (changed(file) { $0.attributes = [9] }, .attributes),
        ] as [(CatalogEntry, RepositoryFault.Rule)]
    )
    func broken(entry: CatalogEntry, rule: RepositoryFault.Rule) {
        let findings = EntryRules.findings(entry, isRoot: false)
        #expect(findings.contains { $0.rule == rule }, "\(findings)")
    }

    @Test("the root of the repository is the one entry without a name")
    func root() {
        var root = Self.directory
        #expect(EntryRules.findings(root, isRoot: true).map(\.rule) == [.entryName])
        root.name = []
        #expect(EntryRules.findings(root, isRoot: true).isEmpty)
    }
}
