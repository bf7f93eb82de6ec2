// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ELFHeaders
import Foundation
import Testing

/// A file of the smallest kind that has what the linker reads.
private struct ELFFixture {
    var interpreter: String? = "/lib64/ld.so"
    var libraries = ["libm.so.6", "libc.so.6"]
    var searchPath: String? = "$ORIGIN/../lib:/opt/lib"

    /// Headers, then the strings, then the dynamic section; addresses lie a page above offsets.
    var bytes: [UInt8] {
        let stringsStart = 64 + 56 * 3
        var strings: [UInt8] = [0]
        func add(_ text: String) -> UInt64 {
            defer { strings += Array(text.utf8) + [0] }
            return UInt64(strings.count)
        }
        let interpreterAt = interpreter.map { UInt64(stringsStart) + add($0) }
        var entries: [(UInt64, UInt64)] = libraries.map { (1, add($0)) }
        if let searchPath { entries.append((29, add(searchPath))) }
        entries += [(5, UInt64(stringsStart) + 4096), (0, 0), (1, 1)]
        let dynamicStart = UInt64(stringsStart + strings.count)
        let dynamic = entries.flatMap { Self.number($0.0, 8) + Self.number($0.1, 8) }
        var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        file += Self.number(3, 2) + Self.number(62, 2) + [UInt8](repeating: 0, count: 12) + Self.number(64, 8)
        file += [UInt8](repeating: 0, count: 14) + Self.number(56, 2) + Self.number(3, 2)
        file += [UInt8](repeating: 0, count: 64 - file.count)
        let end = dynamicStart + UInt64(dynamic.count)
        file += Self.segment(1, offset: 0, address: 4096, size: end)
        file += Self.segment(
            2,
            offset: dynamicStart,
            address: dynamicStart + 4096,
            size: UInt64(dynamic.count)
        )
        file += Self.segment(interpreterAt == nil ? 4 : 3, offset: interpreterAt ?? 0, address: 0, size: 16)
        return file + strings + dynamic
    }

    private static func segment(_ type: UInt64, offset: UInt64, address: UInt64, size: UInt64) -> [UInt8] {
        number(type, 4) + number(0, 4)
            + [offset, address, address, size, size, 4096].flatMap { number($0, 8) }
    }

    private static func number(_ value: UInt64, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
}

private func dependencies(of file: [UInt8]) throws -> ELFDependencies? {
    try ELFDependencies { offset, count in
        guard offset >= 0, offset < Int64(file.count) else { return [] }
        return Array(file[Int(offset)...].prefix(count))
    }
}

@Suite struct ELFDependenciesTests {
    @Test("names the linker, the libraries and where they are")
    func names() throws {
        let found = try #require(try dependencies(of: ELFFixture().bytes))
        #expect(found.interpreter == Array("/lib64/ld.so".utf8))
        #expect(found.libraries == ["libm.so.6", "libc.so.6"].map { Array($0.utf8) })
        #expect(found.searchPath == ["$ORIGIN/../lib", "/opt/lib"].map { Array($0.utf8) })
        #expect(found.machine == 62)
        let library = ELFFixture(interpreter: nil, libraries: [], searchPath: nil)
        #expect(try dependencies(of: library.bytes)?.interpreter == nil)
    }

    @Test("says what the linker says of the program that runs")
    func real() throws {
        let file = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe")))
        let found = try #require(try dependencies(of: file))
        #expect(found.libraries.contains(Array("libc.so.6".utf8)))
        #expect(found.interpreter?.firstRange(of: Array("/ld-linux".utf8)) != nil)
    }

    @Test("no more directories are looked at than a program has any use for")
    func many() throws {
        let path = Array(repeating: "$ORIGIN/a", count: 100).joined(separator: ":")
        #expect(try dependencies(of: ELFFixture(searchPath: path).bytes)?.searchPath.count == 32)
    }

    @Test("what is no such file has none, and damage is none either, wherever it is")
    func damaged() throws {
        #expect(try dependencies(of: []) == nil)
        #expect(try dependencies(of: Array("#!/bin/sh\n".utf8)) == nil)
        let whole = ELFFixture().bytes
        for count in whole.indices { _ = try dependencies(of: Array(whole.prefix(count))) }
        for index in whole.indices {
            for value in [0, 1, 0x7f, 0xff] as [UInt8] {
                var file = whole
                file[index] = value
                _ = try dependencies(of: file)
            }
        }
    }
}

@Suite struct LibraryRuleTests {
    private func directories(of file: String, root: String?) throws -> [String] {
        let found = try #require(try dependencies(of: ELFFixture().bytes))
        return LibraryRule.directories(of: Array(file.utf8), found, root: root.map { Array($0.utf8) })
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("libraries are where the file says, then beside it, then where the image's linker looks")
    func order() throws {
        let found = try directories(of: "/.flat/ab/abc/usr/bin/p", root: "/.flat/ab/abc")
        #expect(
            found.prefix(6) == [
                "/.flat/ab/abc/usr/bin/../lib", "/.flat/ab/abc/opt/lib", "/.flat/ab/abc/usr/bin",
                "/.flat/ab/abc/usr/bin/../lib", "/.flat/ab/abc/usr/bin/../lib64",
                "/.flat/ab/abc/usr/lib/x86_64-linux-gnu",
            ]
        )
    }

    @Test("outside of images only what lies beside the file is looked for: the rest is the node's")
    func outside() throws {
        let found = try directories(of: "/release/bin/p", root: nil)
        #expect(found.count == 4 && found.allSatisfy { $0.hasPrefix("/release/") })
        #expect(LibraryRule.path(of: Array("/lib64/ld.so".utf8), root: nil) == nil)
    }

    @Test("a path is that of the image")
    func path() {
        let root = Array("/.flat/ab/abc".utf8)
        #expect(
            LibraryRule.path(of: Array("/lib64/ld.so".utf8), root: root) == root + Array("/lib64/ld.so".utf8)
        )
        #expect(LibraryRule.path(of: Array("lib/x.so".utf8), root: root) == nil)
    }
}
