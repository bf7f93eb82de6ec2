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
        "several ranges are resolved together",
        arguments: [
            ("bytes=0-9, 20-29", .several([0..<10, 20..<30])),
            ("bytes=20-29,0-9", .several([20..<30, 0..<10])),
            ("bytes=0-9,5000-", .one(0..<10)), ("bytes=5000-,6000-", .unsatisfiable),
            ("bytes=0-2000,1-2000", .whole), ("bytes=-1,0-0", .several([2047..<2048, 0..<1])),
        ] as [(String, ByteRangeSet.Resolution)]
    )
    func together(header: String, expected: ByteRangeSet.Resolution) throws {
        #expect(try #require(ByteRangeSet(header: header)).resolved(size: 2048) == expected)
    }

    @Test("a set with a part that is no range, or with too many, is ignored")
    func noSet() {
        for header in ["bytes=", "bytes=1-2,", "bytes=1-2,x", "bytes=1-2,,3-4", "items=1-2,3-4"] {
            #expect(ByteRangeSet(header: header) == nil)
        }
        let many = (0...ByteRangeSet.limit).map { "\($0 * 2)-\($0 * 2)" }
        #expect(ByteRangeSet(header: "bytes=" + many.joined(separator: ",")) == nil)
        #expect(ByteRangeSet(header: "bytes=" + many.dropLast().joined(separator: ",")) != nil)
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
