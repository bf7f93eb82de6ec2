// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import Digests
import Testing

/// - Source: cvmfs-format J.1 to J.5; the numbers were computed with CPython.
@Suite struct FormatVectorTests {
    @Test(
        "a path has the key of the vectors",
        arguments: [
            ("", 338333539836370388, 9098107892288553193),
            ("/foo", 5745132282796244766, -5819618580357280866),
            ("/foo/bar", -2822516800166431715, 9048809318629099454),
            ("/foo/bar/baz.txt", 7931063576204385041, 7488605017649493937),
            ("/a", -2906336618250618618, -744252105585281751),
            ("/.cvmfs", -2402492567927477437, -171651727507129842),
            ("/.cvmfs/snapshots", -3142719958152235778, 1536470228119800126),
            ("/software", 3445601412511816508, 6267067367417020806),
            ("/software/.cvmfscatalog", -7840940547348492008, 1181631894853053312),
            ("/data/\u{e9}t\u{e9}.txt", -4641551152887808877, 1846291129434185403),
        ] as [(String, Int64, Int64)]
    )
    func pathKeys(path: String, first: Int64, second: Int64) {
        #expect(PathKey(path: Array(path.utf8)) == PathKey(first: first, second: second))
    }

    @Test("the parent of the root is all zero, which is no path's key")
    func parentOfRoot() {
        #expect(PathKey.parentOfRoot == PathKey(first: 0, second: 0))
        #expect(PathKey.root != PathKey.parentOfRoot)
    }

    @Test(
        "the empty content has the digests of the vectors",
        arguments: [
            (ContentHashAlgorithm.sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            (.rmd160, "9c1185a5c5e9fc54612808977ee8f548b2258d31-rmd160"),
            (.shake128, "7f9c2ba4e88f827d616045507605853ed73b8093-shake128"),
        ]
    )
    func emptyDigest(algorithm: ContentHashAlgorithm, expected: String) {
        #expect(ContentHash(algorithm, of: []).description == expected)
    }

    @Test(
        "an object lies where the vectors say",
        arguments: [
            (
                "ff049c626904064d641feca0e9936e5b211807c6", .file,
                "data/ff/049c626904064d641feca0e9936e5b211807c6"
            ),
            (
                "ff049c626904064d641feca0e9936e5b211807c6", .chunk,
                "data/ff/049c626904064d641feca0e9936e5b211807c6P"
            ),
            (
                "100b60cb4cda089e58ccc0544cf55f7f3a543a87-rmd160", .file,
                "data/10/0b60cb4cda089e58ccc0544cf55f7f3a543a87-rmd160"
            ),
            (
                "ff338ab3cdd35a16eaf746dbbf97ca8b715f478a-shake128", .catalog,
                "data/ff/338ab3cdd35a16eaf746dbbf97ca8b715f478a-shake128C"
            ),
        ] as [(String, ObjectKind, String)]
    )
    func objectPaths(hash: String, kind: ObjectKind, path: String) throws {
        #expect(try #require(ContentHash(hash)).objectPath(kind) == path)
    }

    @Test(
        "a hash text with a wrong digit, length or algorithm is none",
        arguments: [
            "", "FF049c626904064d641feca0e9936e5b211807c6", "ff049c626904064d641feca0e9936e5b211807c",
            "ff049c626904064d641feca0e9936e5b211807c6C", "ff049c626904064d641feca0e9936e5b211807c6-sha1",
            "gf049c626904064d641feca0e9936e5b211807c6", "d41d8cd98f00b204e9800998ecf8427e",
        ]
    )
    func badHashes(text: String) { #expect(ContentHash(text) == nil) }

    @Test(
        "extended attributes have the bytes of the vectors",
        arguments: [
            ([("user.foo", "bar")], "01010803757365722e666f6f626172"),
            ([("user.b", "2"), ("user.a", "1")], "01020601757365722e61310601757365722e6232"),
            ([("user.e", "")], "01010600757365722e65"),
        ] as [([(String, String)], String)]
    )
    func attributes(pairs: [(String, String)], expected: String) throws {
        let attributes = try #require(
            ExtendedAttributes(pairs.map { .init(name: Array($0.0.utf8), value: Array($0.1.utf8)) })
        )
        let encoded = try #require(attributes.encoded)
        #expect(Hexadecimal.text(of: encoded) == expected)
        #expect(ExtendedAttributes(encoded: encoded) == attributes)
    }

    @Test("no attributes are NULL, and 256 bytes or attributes cannot be said")
    func attributeLimits() {
        func named(_ length: Int, _ value: Int) -> ExtendedAttributes.Attribute {
            .init(name: [UInt8](repeating: 97, count: length), value: [UInt8](repeating: 98, count: value))
        }
        #expect(ExtendedAttributes([])?.encoded == nil)
        #expect(ExtendedAttributes([named(255, 255)])?.encoded?.count == 2 + 2 + 510)
        #expect(ExtendedAttributes([named(256, 1)]) == nil)
        #expect(ExtendedAttributes([named(1, 256)]) == nil)
        #expect(ExtendedAttributes([named(0, 1)]) == nil)
        #expect(ExtendedAttributes((1...256).map { _ in named(1, 1) }) == nil)
    }

    @Test(
        "bytes that are no attribute table are refused",
        arguments: [[], [1], [2, 0], [1, 1], [1, 1, 1, 1, 97], [1, 1, 1, 0, 97, 98], [1, 0, 0]] as [[UInt8]]
    )
    func badAttributes(bytes: [UInt8]) { #expect(ExtendedAttributes(encoded: bytes) == nil) }

    @Test(
        "hard links are group and count in one number",
        arguments: [(0, 1, 1), (0, 5, 5), (1, 2, 4_294_967_298), (3, 5, 12_884_901_893)]
            as [(UInt32, UInt32, Int64)]
    )
    func hardlinks(group: UInt32, count: UInt32, expected: Int64) {
        let entry = CatalogEntry(name: [], mode: 0o100644, flags: .file, linkGroup: group, linkCount: count)
        #expect(entry.hardlinks == expected)
    }

    @Test(
        "the flags of files have the values of the table",
        arguments: [
            (.sha1, .zlib, false, 4), (.rmd160, .zlib, false, 260), (.shake128, .zlib, false, 516),
            (.sha1, .none, false, 2052), (.sha1, .zlib, true, 68), (.shake128, .none, true, 2628),
        ] as [(ContentHashAlgorithm, ObjectCompression, Bool, Int64)]
    )
    func fileFlags(
        algorithm: ContentHashAlgorithm,
        compression: ObjectCompression,
        chunked: Bool,
        expected: Int64
    ) {
        let flags = EntryFlags.regular(algorithm, compression, chunked: chunked)
        #expect(flags.rawValue == expected)
        #expect(flags.algorithm == algorithm && flags.compression == compression)
    }

    @Test("the other flags have the values of the table")
    func flags() {
        #expect(([.directory, .nestedMountpoint] as EntryFlags).rawValue == 3)
        #expect(([.directory, .nestedRoot] as EntryFlags).rawValue == 33)
        #expect(([.file, .symbolicLink] as EntryFlags).rawValue == 12)
        #expect(([.file, .special] as EntryFlags).rawValue == 20)
        #expect(([.directory, .bindMountpoint] as EntryFlags).rawValue == 16385)
        #expect(([.directory, .nestedMountpoint, .hidden] as EntryFlags).rawValue == 32771)
        #expect(([.directory, .nestedRoot, .hidden] as EntryFlags).rawValue == 32801)
        #expect(([.file, .directIO] as EntryFlags).rawValue == 65540)
        #expect(
            EntryFlags(rawValue: 7 << 8).algorithm == nil && EntryFlags(rawValue: 7 << 11).compression == nil
        )
    }
}
