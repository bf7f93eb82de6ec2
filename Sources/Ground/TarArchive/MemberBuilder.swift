// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Puts a member together from its header, the extended headers before it, and the GNU long names.
struct MemberBuilder {
    let header: TarHeader
    let records: PaxRecords
    let longName: [UInt8]?
    let longLink: [UInt8]?

    /// An old GNU sparse member, type `S`.
    var isOldSparse: Bool { header.type == UInt8(ascii: "S") }

    /// The extents of a sparse member and the size of its file.
    typealias SparseMap = (extents: [SparseExtent], realSize: Int64)

    /// The bytes that stand in the archive for this member.
    func storedSize() throws(TarProblem) -> Int64 {
        let type = try memberType()
        let size = try number("size", 124..<136)
        guard size >= 0 else { throw TarProblem(.badNumber, at: header.offset, "the size is negative") }
        guard size <= 1 << 50 else {
            throw TarProblem(.badNumber, at: header.offset, "the size \(size) is too large")
        }
        // Links and devices have no content, whatever their size field says (POSIX); directories may state one.
        return type == .regular ? size : 0
    }

    /// Builds the member.
    func member(sparse: SparseMap?, stored: Int64) throws(TarProblem) -> TarMember {
        var member = TarMember(type: try memberType(), name: try name())
        member.permissions = UInt32(truncatingIfNeeded: try header.number(100..<108, "mode") & 0o7777)
        member.uid = try identifier("uid", 108..<116)
        member.gid = try identifier("gid", 116..<124)
        (member.mtime, member.mtimeNanoseconds) = try time()
        member.size = sparse?.realSize ?? stored
        if member.type == .hardLink || member.type == .symbolicLink {
            member.linkTarget = try clean(records["linkpath"] ?? longLink ?? header.linkName, "link name")
        }
        if member.type == .characterDevice || member.type == .blockDevice, header.hasDeviceNumbers {
            member.deviceMajor = try device(329..<337)
            member.deviceMinor = try device(337..<345)
        }
        member.extendedAttributes = records.extendedAttributes
        return member
    }

    /// Reads the map of a sparse member; `nil` for an ordinary one.
    ///
    /// `readBlock` reads the next 512-byte block that may hold more of the map.
    func sparseExtents(_ readBlock: () throws -> [UInt8]) throws -> SparseMap? {
        guard try memberType() == .regular else { return nil }
        let map: SparseMap
        if isOldSparse {
            map = try oldMap(readBlock)
        } else if records["GNU.sparse.major"] != nil {
            map = (try mapInContent(readBlock), try realSize("GNU.sparse.realsize"))
        } else if let text = records["GNU.sparse.map"] {
            let numbers = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { TarNumber.decimal($0) ?? -1 }
            map = (try pairs(numbers), try realSize("GNU.sparse.size"))
        } else if records["GNU.sparse.size"] != nil {
            map = (try pairs(records.sparsePairs), try realSize("GNU.sparse.size"))
        } else {
            return nil
        }
        try check(map)
        return map
    }

    // MARK: Parts

    private func memberType() throws(TarProblem) -> TarMemberType {
        switch header.type {
        case 0:
            // V7 knows no type for directories: their names end in a slash.
            return try name().last == UInt8(ascii: "/") ? .directory : .regular
        case UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S"): return .regular
        case UInt8(ascii: "1"): return .hardLink
        case UInt8(ascii: "2"): return .symbolicLink
        case UInt8(ascii: "3"): return .characterDevice
        case UInt8(ascii: "4"): return .blockDevice
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): return .fifo
        default:
            let letter = Character(UnicodeScalar(header.type))
            throw TarProblem(
                .unknownType,
                at: header.offset,
                "a member has the type \(letter.debugDescription)"
            )
        }
    }

    private func name() throws(TarProblem) -> [UInt8] {
        try clean(records["GNU.sparse.name"] ?? records["path"] ?? longName ?? header.name, "name")
    }

    private func clean(_ text: [UInt8], _ what: String) throws(TarProblem) -> [UInt8] {
        guard !text.contains(0) else {
            throw TarProblem(.badName, at: header.offset, "a \(what) holds a NUL byte")
        }
        return text
    }

    /// A number of the extended header, else of the header's field.
    private func number(_ key: String, _ range: Range<Int>) throws(TarProblem) -> Int64 {
        if let value = try records.number(key, at: header.offset) { return value }
        return try header.number(range, key)
    }

    private func identifier(_ key: String, _ range: Range<Int>) throws(TarProblem) -> UInt32 {
        let value = try number(key, range)
        guard let identifier = UInt32(exactly: value) else {
            throw TarProblem(.badNumber, at: header.offset, "the \(key) \(value) is out of range")
        }
        return identifier
    }

    private func device(_ range: Range<Int>) throws(TarProblem) -> UInt32 {
        guard let number = UInt32(exactly: try header.number(range, "device number")) else {
            throw TarProblem(.badNumber, at: header.offset, "the device number is out of range")
        }
        return number
    }

    private func time() throws(TarProblem) -> (Int64, Int32) {
        guard let text = records["mtime"] else { return (try header.number(136..<148, "mtime"), 0) }
        guard let time = TarNumber.time(text[...]) else {
            throw TarProblem(.badNumber, at: header.offset, "the pax record 'mtime' is not a time")
        }
        return time
    }

    // MARK: Sparse maps

    /// How many extents a map may have: a map is held in memory.
    private static let extentLimit = 1 << 20

    private func oldMap(_ readBlock: () throws -> [UInt8]) throws -> SparseMap {
        var (extents, hasMore, realSize) = try header.oldSparse()
        while hasMore {
            let block = try readBlock()
            extents += try TarHeader.extents(block, at: 0, count: 21, offset: header.offset)
            hasMore = block[504] != 0
            try checkCount(extents.count)
        }
        return (extents, realSize)
    }

    /// Format 1.0: decimal numbers, one a line, in blocks before the data; the first is the number of extents.
    private func mapInContent(_ readBlock: () throws -> [UInt8]) throws -> [SparseExtent] {
        var numbers: [Int64] = []
        var digits: [UInt8] = []
        var wanted = 1
        while numbers.count < wanted {
            for byte in try readBlock() where numbers.count < wanted {
                guard byte == UInt8(ascii: "\n") else {
                    digits.append(byte)
                    continue
                }
                guard digits.count <= 20, let number = TarNumber.decimal(digits[...]), number >= 0 else {
                    throw malformed("a number in the sparse map cannot be read")
                }
                digits = []
                numbers.append(number)
                if numbers.count == 1 {
                    try checkCount(Int(clamping: number))
                    wanted = 1 + 2 * Int(number)
                }
            }
        }
        return try pairs(Array(numbers.dropFirst()))
    }

    private func pairs(_ numbers: [Int64]) throws(TarProblem) -> [SparseExtent] {
        guard numbers.count.isMultiple(of: 2) else {
            throw malformed("the sparse map has an odd number of numbers")
        }
        try checkCount(numbers.count / 2)
        return stride(from: 0, to: numbers.count, by: 2).map {
            SparseExtent(offset: numbers[$0], size: numbers[$0 + 1])
        }
    }

    private func realSize(_ key: String) throws(TarProblem) -> Int64 {
        guard let size = try records.number(key, at: header.offset), size >= 0, size <= 1 << 50 else {
            throw malformed("a sparse member has no valid size")
        }
        return size
    }

    private func check(_ map: SparseMap) throws(TarProblem) {
        var end: Int64 = 0
        for extent in map.extents {
            guard extent.size >= 0, extent.offset >= end, extent.offset <= map.realSize,
                extent.size <= map.realSize - extent.offset
            else { throw malformed("the extents of the sparse map overlap or leave the file") }
            end = extent.offset + extent.size
        }
    }

    private func checkCount(_ count: Int) throws(TarProblem) {
        guard count <= Self.extentLimit else {
            throw malformed("the sparse map has more than \(Self.extentLimit) extents")
        }
    }

    private func malformed(_ detail: String) -> TarProblem {
        TarProblem(.badSparseMap, at: header.offset, detail)
    }
}
