// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import OCISpec
import Testing

@Suite struct RangeTests {
    @Test(
        "a range is resolved against the size",
        arguments: [
            ("bytes=500-1499", 500..<1500), ("bytes=500-", 500..<2048),
            ("bytes=-500", 1548..<2048),
            ("bytes=2000-5000", 2000..<2048), ("bytes=-5000", 0..<2048), ("bytes=0-0", 0..<1),
            ("bytes=0-9223372036854775807", 0..<2048), ("bytes=500-0", nil), ("bytes=5000-10000", nil),
            ("bytes=2048-", nil), ("bytes=-0", nil),
        ] as [(String, Range<Int64>?)]
    )
    func resolved(header: String, expected: Range<Int64>?) throws {
        let request = try #require(ByteRangeRequest(header: header))
        #expect(request.resolved(size: 2048) == expected)
    }

    @Test(
        "what is no single range of bytes is ignored",
        arguments: [
            "", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-2,4-5", "items=1-2", "bytes=+1-2", "bytes=1-2-3",
        ]
    )
    func ignored(header: String) {
        #expect(ByteRangeRequest(header: header) == nil)
    }

    @Test(
        "the place of a piece is two numbers, the second not smaller",
        arguments: [
            ("0-0", 0, 1), ("5-9", 5, 5), ("bytes 5-9/*", 5, 5), ("9-5", nil, nil), ("-5", nil, nil),
            ("5-", nil, nil),
            ("0-9223372036854775807", nil, nil), ("a-b", nil, nil), ("", nil, nil), ("1-2-3", nil, nil),
        ] as [(String, Int64?, Int64?)]
    )
    func uploadRange(header: String, start: Int64?, count: Int64?) {
        #expect(UploadRange(header: header)?.start == start)
        #expect(UploadRange(header: header)?.count == count)
    }

    @Test("a page size is a number from 0, clamped to the maximum")
    func pages() throws {
        #expect(try PageRequest(n: "0", last: nil).limit == 0)
        #expect(try PageRequest(n: "99999999999999999999", last: nil).limit == PageRequest.maximum)
        #expect(try PageRequest(n: nil, last: "x").limit == PageRequest.maximum)
        for text in ["", "-1", "x", "1.5"] {
            #expect(throws: OCIProblem.self) { try PageRequest(n: text, last: nil) }
        }
        let link = try PageRequest(n: "2", last: nil).nextLink(path: "/v2/a/tags/list", last: "x+y")
        #expect(link == "</v2/a/tags/list?last=x%2By&n=2>; rel=\"next\"")
    }

    @Test("percent-encoding is undone once and only if it is whole")
    func percent() {
        #expect(PercentEncoding.decode("sha256%3Aab%2525") == "sha256:ab%25")
        for text in ["%", "%4", "%zz", "%ff"] { #expect(PercentEncoding.decode(text) == nil) }
        #expect(PercentEncoding.decode(PercentEncoding.encode("ä/+ %")) == "ä/+ %")
    }
}
