// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One page of an SQLite b-tree, filled cell by cell in the order of the keys.
///
/// - Source: SQLite file format, section 1.6 "B-tree Pages".
struct PackedPage {
    enum Kind: UInt8 {
        case indexInterior = 0x02
        case tableInterior = 0x05
        case indexLeaf = 0x0a
        case tableLeaf = 0x0d

        var isInterior: Bool { self == .indexInterior || self == .tableInterior }
    }

    let kind: Kind
    let size: Int
    private(set) var cellCount = 0
    private var bytes: [UInt8]
    /// Cells grow downwards from the end.
    private var contentStart: Int
    private let headerSize: Int

    init(_ kind: Kind, size: Int) {
        self.kind = kind
        self.size = size
        headerSize = kind.isInterior ? 12 : 8
        contentStart = size
        bytes = [UInt8](repeating: 0, count: size)
        bytes[0] = kind.rawValue
    }

    /// Whether a cell of so many bytes has room.
    func fits(_ byteCount: Int) -> Bool {
        headerSize + 2 * (cellCount + 1) <= contentStart - max(byteCount, Self.smallestCell)
    }

    /// Adds a cell after the others, and returns where in the page it begins.
    @discardableResult
    mutating func add(_ cell: [UInt8]) -> Int {
        contentStart -= max(cell.count, Self.smallestCell)
        let start = contentStart
        bytes.withUnsafeMutableBytes { page in
            cell.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: page[start...]).copyMemory(from: $0)
            }
        }
        let pointer = headerSize + 2 * cellCount
        bytes[pointer] = UInt8(truncatingIfNeeded: start >> 8)
        bytes[pointer + 1] = UInt8(truncatingIfNeeded: start)
        cellCount += 1
        return start
    }

    /// Takes the last cell back; it must be the one that was added last, of so many bytes.
    mutating func removeLast(_ byteCount: Int) {
        cellCount -= 1
        contentStart += max(byteCount, Self.smallestCell)
        let pointer = headerSize + 2 * cellCount
        bytes[pointer] = 0
        bytes[pointer + 1] = 0
    }

    /// The page's bytes; an interior page needs its last child.
    mutating func finished(rightChild: UInt32 = 0) -> [UInt8] {
        for (offset, value) in [(3, cellCount), (5, contentStart == 65536 ? 0 : contentStart)] {
            bytes[offset] = UInt8(truncatingIfNeeded: value >> 8)
            bytes[offset + 1] = UInt8(truncatingIfNeeded: value)
        }
        if kind.isInterior { PackedPages.put(rightChild, in: &bytes, at: 8) }
        return bytes
    }

    /// A cell's place can be freed, and a free block takes four bytes.
    private static let smallestCell = 4
}
