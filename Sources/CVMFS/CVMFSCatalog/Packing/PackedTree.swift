// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// An SQLite b-tree that is written once, from sorted content: every page full, no page ever split.
///
/// Leaves are written as they fill; the levels above them follow at the end. In a table the divider of a leaf is its
/// last row number, in an index it is an entry of its own between two leaves.
/// - Source: SQLite file format, section 1.6 "B-tree Pages".
struct PackedTree {
    /// A finished page of one level and what divides it from the next page.
    private struct Child {
        let page: UInt32
        let divider: [UInt8]
    }

    private let leafKind: PackedPage.Kind
    private var leaf: PackedPage
    private var leafReferences: [Int] = []
    private var children: [Child] = []
    private var lastCell: [UInt8] = []

    private init(_ kind: PackedPage.Kind, pageSize: Int) {
        leafKind = kind
        leaf = PackedPage(kind, size: pageSize)
    }

    static func table(pageSize: Int) -> PackedTree { PackedTree(.tableLeaf, pageSize: pageSize) }

    static func index(pageSize: Int) -> PackedTree { PackedTree(.indexLeaf, pageSize: pageSize) }

    // MARK: Tables

    private var lastRowKey: [UInt8] = []
    private var cell: [UInt8] = []

    /// Adds a row; row numbers must grow.
    mutating func add(_ record: [UInt8], row: Int64, to pages: inout PackedPages) {
        cell.removeAll(keepingCapacity: true)
        RecordBytes.append(UInt64(record.count), to: &cell)
        let keyStart = cell.count
        RecordBytes.append(UInt64(bitPattern: row), to: &cell)
        let key = Array(cell[keyStart...])
        let local = Self.localSize(record.count, pageSize: leaf.size)
        let overflows = local < record.count
        cell.append(contentsOf: record[..<local])
        if overflows {
            let first = Self.writeOverflow(record[local...], to: &pages)
            cell.append(contentsOf: PackedPages.bigEndian(first))
        }
        if !leaf.fits(cell.count) { closeLeaf(divider: lastRowKey, in: &pages) }
        let start = leaf.add(cell)
        if overflows { leafReferences.append(start + cell.count - 4) }
        lastRowKey = key
    }

    /// How much of a table row of a size stays in its leaf.
    private static func localSize(_ size: Int, pageSize usable: Int) -> Int {
        guard size > usable - 35 else { return size }
        let smallest = (usable - 12) * 32 / 255 - 23
        let preferred = smallest + (size - smallest) % (usable - 4)
        return preferred <= usable - 35 ? preferred : smallest
    }

    /// Writes a chain of overflow pages and returns the relative number of the first.
    private static func writeOverflow(_ rest: ArraySlice<UInt8>, to pages: inout PackedPages) -> UInt32 {
        let first = pages.nextNumber
        var rest = rest
        while !rest.isEmpty {
            let part = rest.prefix(pages.pageSize - 4)
            rest = rest.dropFirst(part.count)
            var page = rest.isEmpty ? [0, 0, 0, 0] : PackedPages.bigEndian(pages.nextNumber &+ 1)
            page.append(contentsOf: part)
            page.append(contentsOf: repeatElement(0, count: pages.pageSize - page.count))
            pages.append(page, references: rest.isEmpty ? [] : [0])
        }
        return first
    }

    // MARK: Indexes

    /// Adds an entry of an index; entries must come sorted, and be far smaller than a page.
    mutating func add(entry record: [UInt8], isLast: Bool, to pages: inout PackedPages) {
        cell.removeAll(keepingCapacity: true)
        RecordBytes.append(UInt64(record.count), to: &cell)
        cell.append(contentsOf: record)
        if leaf.fits(cell.count) {
            leaf.add(cell)
            lastCell = cell
            return
        }
        guard isLast else {
            // This entry stands between the full leaf and the next one.
            return closeLeaf(divider: cell, in: &pages)
        }
        // Nothing would be left for the next leaf: the one before this divides.
        leaf.removeLast(lastCell.count)
        closeLeaf(divider: lastCell, in: &pages)
        leaf.add(cell)
    }

    private mutating func closeLeaf(divider: [UInt8], in pages: inout PackedPages) {
        let number = pages.append(leaf.finished(), references: leafReferences)
        children.append(Child(page: number, divider: divider))
        leaf = PackedPage(leafKind, size: leaf.size)
        leafReferences = []
    }

    // MARK: Finishing

    /// Writes the levels above the leaves; returns the root page and the places in it of relative page numbers.
    mutating func finish(in pages: inout PackedPages) -> (root: [UInt8], references: [Int]) {
        guard !children.isEmpty else { return (leaf.finished(), leafReferences) }
        var level = children
        var right = pages.append(leaf.finished(), references: leafReferences)
        while true {
            var packed = pack(level, in: &pages)
            let page = packed.last.finished(rightChild: right)
            let references = packed.references + [8]
            guard !packed.above.isEmpty else { return (page, references) }
            right = pages.append(page, references: references)
            level = packed.above
        }
    }

    /// Packs one level of interior pages; all but the last are written.
    private func pack(
        _ level: [Child],
        in pages: inout PackedPages
    ) -> (above: [Child], last: PackedPage, references: [Int]) {
        let kind: PackedPage.Kind = leafKind == .tableLeaf ? .tableInterior : .indexInterior
        var above: [Child] = []
        var page = PackedPage(kind, size: leaf.size)
        var references: [Int] = []
        for (index, child) in level.enumerated() {
            let cell = PackedPages.bigEndian(child.page) + child.divider
            if page.fits(cell.count) {
                references.append(page.add(cell))
                continue
            }
            if index < level.count - 1 {
                // This child is the last of its page, and its divider moves up.
                let number = pages.append(page.finished(rightChild: child.page), references: references + [8])
                above.append(Child(page: number, divider: child.divider))
                page = PackedPage(kind, size: leaf.size)
                references = []
            } else {
                // Nothing would be left for the next page: the child before this one is the last of its page.
                let before = level[index - 1]
                page.removeLast(before.divider.count + 4)
                references.removeLast()
                let number = pages.append(
                    page.finished(rightChild: before.page),
                    references: references + [8]
                )
                above.append(Child(page: number, divider: before.divider))
                page = PackedPage(kind, size: leaf.size)
                references = [page.add(cell)]
            }
        }
        return (above, page, references)
    }
}
