// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import Foundation
internal import PublicationRules

/// What is written into published trees, and read of them.
extension FuzzTarget {
    // MARK: Catalogs

    /// Catalogs are packed without SQLite: whatever rows are in one, SQLite finds nothing wrong and reads them back.
    static func catalogs(_ bytes: [UInt8]) throws(Finding) {
        var script = RowScript(bytes)
        var rows: [(row: CatalogRow, chunks: [FileChunk])] = []
        while rows.count < 2000, let row = script.next(number: rows.count) { rows.append(row) }
        let writer = CatalogWriter(expectedRows: bytes.first.map { $0 > 127 ? 1000 : 1 } ?? 0)
        for (row, chunks) in rows { writer.add(row, chunks: chunks) }
        let properties = CatalogWriter.Properties(
            rootPrefix: [],
            revision: 1,
            lastModified: 0,
            previousRevision: nil,
            timeToLive: nil
        )
        let path = FileManager.default.temporaryDirectory.path + "/catalog-\(getpid())-\(pthread_self())"
        defer { unlink(path) }
        do {
            let written = try writer.finish(properties, subtree: .init())
            try Data(written.bytes).write(to: URL(fileURLWithPath: path))
            let reader = try CatalogReader(path: path)
            let faults = try reader.integrityFaults()
            guard faults.isEmpty else { throw Finding(description: "SQLite finds \(faults)") }
            for (index, (row, chunks)) in rows.enumerated() {
                var expected = row.entry
                expected.rowID = Int64(index + 1)
                guard try reader.entry(at: row.key) == expected else {
                    throw Finding(description: "row \(index) is read back otherwise")
                }
                guard try reader.chunks(of: row.key, algorithm: .sha1) == chunks else {
                    throw Finding(description: "the chunks of row \(index) are read back otherwise")
                }
            }
            guard try reader.extent().rows == Int64(rows.count) else {
                throw Finding(description: "there are more rows, or fewer, than were written")
            }
        } catch let finding as Finding {
            throw finding
        } catch {
            throw Finding(description: "the catalog is refused: \(error)")
        }
    }

    /// Rows made of an input's bytes.
    private struct RowScript {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        private mutating func number() -> Int { Int(rest.popFirst() ?? 0) }

        /// A number of up to eight bytes.
        private mutating func wide() -> Int64 {
            (0..<number() % 9).reduce(0) { value, _ in value << 8 | Int64(number()) }
        }

        /// Some of what comes next, again and again to a length that may be more than a page.
        private mutating func text() -> [UInt8] {
            let (count, unit) = (number() * (number() % 40), [UInt8](rest.prefix(number() % 16)))
            guard !unit.isEmpty else { return [] }
            return (0..<count).map { unit[$0 % unit.count] }
        }

        mutating func next(number index: Int) -> (CatalogRow, [FileChunk])? {
            guard !rest.isEmpty else { return nil }
            let isDirectory = number() % 4 == 0
            var entry = CatalogEntry(
                name: Array("\(index)".utf8),
                mode: UInt32(truncatingIfNeeded: wide()),
                uid: UInt32(truncatingIfNeeded: wide()),
                gid: UInt32(truncatingIfNeeded: wide()),
                size: wide(),
                mtime: wide(),
                mtimeNanoseconds: number() % 2 == 0 ? nil : Int32(truncatingIfNeeded: wide()),
                flags: isDirectory ? .directory : .symbolicLink.union(.file)
            )
            entry.linkTarget = text()
            if number() % 2 == 1 { entry.attributes = text() }
            let hash = ContentHash(.sha1, of: [1])
            let chunks = (0..<(number() % 64)).map {
                FileChunk(offset: Int64($0) << 20, size: 1 << 20, hash: hash)
            }
            let key = PathKey(path: Array("/\(index)".utf8))
            return (CatalogRow(key: key, parent: .root, entry: entry), chunks)
        }
    }

    // MARK: Rules

    /// Settings, one on each line, mean the same after they were written down and read again.
    static func rules(_ text: String) throws(Finding) {
        var settings: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            settings[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        guard let rules = try? PublicationRules(settings: settings) else { return }
        let again = try? PublicationRules(settings: rules.settings)
        try check(again == rules, "rules do not survive their own settings: \(rules.settings)")
        for pattern in rules.include + rules.exclude {
            _ = pattern.matches(String(repeating: "a", count: 128))
            try check(TagPattern(pattern.description) == pattern, "a pattern changed")
        }
    }

    // MARK: Events

    /// A stream of events is the same however the network cuts it.
    static func events(_ bytes: [UInt8]) throws(Finding) {
        let whole = read(bytes, pieces: bytes.count)
        for pieces in [1, 3] {
            let parts = read(bytes, pieces: pieces)
            try check(
                parts.fault == whole.fault && (whole.fault != nil || parts.events == whole.events),
                "pieces of \(pieces) bytes are another stream"
            )
        }
    }

    private static func read(
        _ bytes: [UInt8],
        pieces: Int
    ) -> (events: [EventReader.Event], fault: EventReader.Fault?) {
        var reader = EventReader()
        var events: [EventReader.Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            do throws(EventReader.Fault) {
                events += try reader.take(rest.prefix(pieces))
            } catch {
                return (events, error)
            }
            rest = rest.dropFirst(pieces)
        }
        return (events, nil)
    }

    // MARK: Letters

    /// Signed texts and attributes mean the same after they were written again.
    static func letters(_ bytes: [UInt8]) throws(Finding) {
        if let letter = try? SignedLetter(bytes) {
            let again = try? SignedLetter(letter.encoded)
            try check(again?.text == letter.text && again?.hash == letter.hash, "a letter changed")
        }
        if let manifest = try? PublishedManifest(text: bytes) {
            try check((try? PublishedManifest(text: manifest.text)) == manifest, "a manifest changed")
        }
        if let whitelist = try? Whitelist(text: bytes) {
            try check((try? Whitelist(text: whitelist.text)) == whitelist, "a whitelist changed")
        }
        if let attributes = ExtendedAttributes(encoded: bytes), let encoded = attributes.encoded {
            try check(ExtendedAttributes(encoded: encoded) == attributes, "attributes changed")
        }
    }
}
