// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CompressionCodecs
import Digests
import Testing

/// - Source: cvmfs-format J.2.
@Suite struct ObjectCompressorTests {
    private static let sample = (0..<60_000).map { "line \($0) of the sample\n" }.joined()

    @Test(
        "the identical profile gives the objects of the stock publisher",
        arguments: [
            ("", "e8ec3d88b62ebf526e4e5a4ff6162a3aa48a6b78"),
            ("hello world\n", "ff049c626904064d641feca0e9936e5b211807c6"),
            (String(repeating: "\0", count: 100_000), "bb37752065b9dcb107ef1d51549bb747de44c0b3"),
            (String(repeating: "abcdefghij", count: 1000), "115239fe0be34086d6f7d9503ba262274c9161ed"),
            (sample, "21636c9d17b184d1fd59c7be14f28c800617762c"),
        ]
    )
    func identical(content: String, expected: String) {
        let object = ObjectCompressor(.identical).compress(Array(content.utf8))
        #expect(ContentHash(.sha1, of: object).description == expected)
    }

    @Test(
        "every profile writes one zlib stream that inflates to the content",
        arguments: CompressionProfile.allCases
    )
    func roundTrip(profile: CompressionProfile) throws {
        let compressor = ObjectCompressor(profile)
        var random = SystemRandomNumberGenerator()
        let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        for content in [[], Array("hello world\n".utf8), Array(Self.sample.utf8), noise] {
            let object = compressor.compress(content)
            #expect(object.count >= 2 && object[0] == 0x78)
            #expect((Int(object[0]) * 256 + Int(object[1])).isMultiple(of: 31))
            let plain = try object.withUnsafeBytes { try ZlibInflater.inflate($0, size: content.count) }
            #expect(plain == content)
            #expect(object.withUnsafeBytes { ZlibInflater.mayBeStream($0) })
        }
        for other in [[], [0x78], [0x78, 0x9c, 0xff, 0xff], Array(Self.sample.utf8)] {
            #expect(!other.withUnsafeBytes { ZlibInflater.mayBeStream($0) })
        }
    }

    @Test("an object that is cut, longer, or of another size is refused")
    func damaged() throws {
        let object = ObjectCompressor(.identical).compress(Array("hello world\n".utf8))
        let cases: [([UInt8], Int)] = [
            (Array(object.dropLast()), 12), (object + [0], 12), (object, 11), (object, 13), ([], 0),
            ([0x78, 0x9c, 0xff], 3),
        ]
        for (bytes, size) in cases {
            #expect(throws: CompressionProblem.self) {
                try bytes.withUnsafeBytes { try ZlibInflater.inflate($0, size: size) }
            }
        }
        for bytes in [Array(object.dropLast()), object + [0]] {
            #expect(throws: CompressionProblem.self) {
                try bytes.withUnsafeBytes { try ZlibInflater.inflate($0, limit: 100) }
            }
        }
        #expect(throws: CompressionProblem(.tooLarge, format: "zlib")) {
            try object.withUnsafeBytes { try ZlibInflater.inflate($0, limit: 11) }
        }
    }
}
