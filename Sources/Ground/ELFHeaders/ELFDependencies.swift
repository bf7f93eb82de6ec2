// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What the dynamic linker loads for a program or a library, as its own headers say.
///
/// Little-endian files of 64 bits, which all programs of today's nodes are.
/// - Source: System V ABI, "Program Header" and "Dynamic Section"; ELF-64 Object File Format 1.5.
package struct ELFDependencies: Equatable, Sendable {
    /// Reads at most so many bytes from an offset; fewer where the file ends.
    package typealias Read = (_ offset: Int64, _ count: Int) throws -> [UInt8]

    /// Who loads the program, as a path; `nil` for a library.
    package var interpreter: [UInt8]?
    /// The names or paths of the libraries that it needs, in their order.
    package var libraries: [[UInt8]] = []
    /// The directories that it says they are in, `$ORIGIN` and all.
    package var searchPath: [[UInt8]] = []
    /// The machine, by the number of its kind.
    package var machine: UInt16

    /// Reads the headers of a file; `nil` if it has none, no dynamic section, or is damaged.
    ///
    /// - Parameter read: reads the file; asked for little, here and there.
    /// - Throws: what `read` throws.
    package init?(_ read: Read) throws {
        let header = try read(0, 64)
        guard header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]), header.count == 64,
            header.number(at: 54, width: 2) == Self.segmentSize, let count = header.number(at: 56, width: 2),
            count <= Self.segmentLimit, let start = header.offset(at: 32)
        else { return nil }
        machine = UInt16(truncatingIfNeeded: header.number(at: 18, width: 2) ?? 0)
        let segments = try Segment.all(read(start, Int(count) * Int(Self.segmentSize)))
        guard let dynamic = segments.first(where: { $0.type == Segment.dynamic }) else { return nil }
        let entries = try read(dynamic.offset, Int(min(dynamic.size, Self.dynamicLimit)))
        if let place = segments.first(where: { $0.type == Segment.interpreter }) {
            interpreter = try Self.text(read, at: place.offset)
        }
        try addEntries(entries, segments, read)
    }

    private static let segmentSize: UInt64 = 56
    private static let segmentLimit = 128
    private static let dynamicLimit: Int64 = 64 << 10
    private static let libraryLimit = 512
    private static let directoryLimit = 32
    private static let textLimit = 4096

    private mutating func addEntries(_ entries: [UInt8], _ segments: [Segment], _ read: Read) throws {
        var names: [UInt64] = []
        var paths: [UInt64] = []
        var table: UInt64?
        for start in stride(from: 0, to: entries.count - 15, by: 16) {
            guard let tag = entries.number(at: start, width: 8), tag != 0,
                let value = entries.number(at: start + 8, width: 8)
            else { break }
            switch tag {
            case 1: names.append(value)
            case 5: table = value
            // DT_RPATH and DT_RUNPATH.
            case 15, 29: paths.append(value)
            default: break
            }
        }
        guard let table, let strings = Segment.offset(of: table, in: segments) else { return }
        for name in names.prefix(Self.libraryLimit) {
            if let text = try Self.text(read, at: strings, name) { libraries.append(text) }
        }
        for path in paths.prefix(Self.directoryLimit) {
            let text = try Self.text(read, at: strings, path) ?? []
            searchPath += text.split(separator: UInt8(ascii: ":")).map { Array($0) }
        }
        searchPath = Array(searchPath.prefix(Self.directoryLimit))
    }

    /// A text that ends with a zero; `nil` if there is none.
    private static func text(_ read: Read, at start: Int64, _ distance: UInt64 = 0) throws -> [UInt8]? {
        guard let distance = Int64(exactly: distance) else { return nil }
        let (offset, overflow) = start.addingReportingOverflow(distance)
        guard !overflow else { return nil }
        let bytes = try read(offset, textLimit)
        guard let end = bytes.firstIndex(of: 0), end > 0 else { return nil }
        return Array(bytes[..<end])
    }

    /// A part of the file that has a place in memory, or a meaning.
    private struct Segment {
        static let load: UInt64 = 1
        static let dynamic: UInt64 = 2
        static let interpreter: UInt64 = 3

        let type: UInt64
        let offset: Int64
        let address: UInt64
        let size: Int64

        static func all(_ table: [UInt8]) -> [Segment] {
            stride(from: 0, to: table.count - 55, by: 56).compactMap { start in
                guard let type = table.number(at: start, width: 4), let offset = table.offset(at: start + 8),
                    let address = table.number(at: start + 16, width: 8),
                    let size = table.offset(at: start + 32)
                else { return nil }
                return Segment(type: type, offset: offset, address: address, size: size)
            }
        }

        /// Where in the file an address is.
        static func offset(of address: UInt64, in segments: [Segment]) -> Int64? {
            for segment in segments where segment.type == load && segment.address <= address {
                let distance = Int64(clamping: address - segment.address)
                let (offset, overflow) = segment.offset.addingReportingOverflow(distance)
                if distance < segment.size, !overflow { return offset }
            }
            return nil
        }
    }
}

extension [UInt8] {
    /// A little-endian number; `nil` beyond the end.
    fileprivate func number(at start: Int, width: Int) -> UInt64? {
        guard start + width <= count else { return nil }
        return self[start..<(start + width)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number of eight bytes that can be an offset or a size in a file.
    fileprivate func offset(at start: Int) -> Int64? {
        number(at: start, width: 8).flatMap { Int64(exactly: $0) }
    }
}
