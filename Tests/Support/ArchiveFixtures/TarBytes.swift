// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// An archive that a test puts together byte by byte.
///
/// - Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
package struct TarBytes {
    /// What was added so far.
    package private(set) var bytes: [UInt8] = []

    /// An empty archive, not even ended.
    package init() {}

    /// How a header tells what it is.
    package enum Dialect { case v7, ustar, gnu }

    /// What a header says; numbers are the raw text of their fields.
    package struct Header {
        package var name: String
        package var type: Character = "0"
        package var mode = "0000644"
        package var uid: [UInt8] = Array("0000000".utf8)
        package var gid: [UInt8] = Array("0000000".utf8)
        package var size: [UInt8] = []
        package var mtime: [UInt8] = Array("00000000000".utf8)
        package var link = ""
        package var prefix = ""
        package var dialect = Dialect.ustar
        /// Changes the finished block before its checksum is made.
        package var patch: (inout [UInt8]) -> Void = { _ in }

        /// A header of a type, `0` for a regular file.
        package init(_ name: String, type: Character = "0") {
            self.name = name
            self.type = type
        }
    }

    /// Adds a header and a body, padded to whole blocks; the size field is that of the body unless it is given.
    package mutating func add(_ header: Header, _ body: [UInt8] = []) {
        bytes += Self.block(header, size: body.count)
        bytes += body
        pad()
    }

    /// Adds a regular file.
    package mutating func add(_ name: String, _ content: String) { add(Header(name), Array(content.utf8)) }

    /// Adds an extended header with records for the next member.
    package mutating func addPax(_ records: [(String, String)], type: Character = "x") {
        add(Header("PaxHeader", type: type), records.flatMap { Self.record($0.0, $0.1) })
    }

    /// Adds bytes as they are.
    package mutating func addRaw(_ raw: [UInt8]) { bytes += raw }

    /// Ends the archive with two zero blocks.
    package mutating func end() { bytes += [UInt8](repeating: 0, count: 1024) }

    /// One record: its length counts its own digits.
    package static func record(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n".utf8.count
        var length = rest
        while length != rest + String(length).utf8.count { length = rest + String(length).utf8.count }
        return Array("\(length) \(key)=\(value)\n".utf8)
    }

    /// Digits with leading zeros; one byte of the width is left for a NUL.
    package static func octal(_ number: Int, width: Int) -> [UInt8] {
        let digits = String(number, radix: 8)
        return Array((String(repeating: "0", count: width - 1 - digits.utf8.count) + digits).utf8)
    }

    /// The 512 bytes of a header, checksum included.
    package static func block(_ header: Header, size: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ field: [UInt8], at offset: Int) {
            block.replaceSubrange(offset..<(offset + field.count), with: field)
        }
        put(Array(header.name.utf8.prefix(100)), at: 0)
        put(Array(header.mode.utf8), at: 100)
        put(header.uid, at: 108)
        put(header.gid, at: 116)
        put(header.size.isEmpty ? octal(size, width: 12) : header.size, at: 124)
        put(header.mtime, at: 136)
        block[156] = header.type.asciiValue ?? 0
        put(Array(header.link.utf8), at: 157)
        switch header.dialect {
        case .v7: break
        case .ustar:
            put(Array("ustar\0".utf8) + Array("00".utf8), at: 257)
            put(Array(header.prefix.utf8), at: 345)
        case .gnu: put(Array("ustar  \0".utf8), at: 257)
        }
        header.patch(&block)
        put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, width: 7) + [0, UInt8(ascii: " ")], at: 148)
        return block
    }

    private mutating func pad() {
        bytes += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }
}
