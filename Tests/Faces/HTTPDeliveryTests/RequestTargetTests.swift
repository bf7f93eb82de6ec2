// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import HTTPDelivery
import Testing

@Suite struct RequestTargetTests {
    @Test("segments are decoded once, after the path was split")
    func segments() throws {
        let target = try #require(
            RequestTarget("/v2/a%2Fb/blobs/sha256%3Aab?n=1&last=x%20y&tag=a&tag=b&flag")
        )
        #expect(target.segments == ["v2", "a/b", "blobs", "sha256:ab"])
        #expect(target.parameter("n") == "1")
        #expect(target.parameter("last") == "x y")
        #expect(target.parameters("tag") == ["a", "b"])
        #expect(target.parameter("flag") == "")
        #expect(target.parameter("N") == nil)
    }

    @Test("nothing is merged or resolved")
    func verbatim() {
        #expect(RequestTarget("/a//b/../c/")?.segments == ["a", "", "b", "..", "c", ""])
        #expect(RequestTarget("/")?.segments == [""])
    }

    @Test(
        "a broken target is refused",
        arguments: ["", "a", "http://x/", "*", "/%", "/%f", "/%ff", "/a?x=%zz"]
    )
    func broken(text: String) {
        #expect(RequestTarget(text) == nil)
    }

    @Test(
        "entity tags are compared as lists, with and without quotes",
        arguments: [
            ("\"x\"", true), ("x", true), ("W/\"x\"", true), ("\"a\", \"x\"", true), ("*", true),
            ("\"a\"", false), ("", false),
            ("\"xx\"", false),
        ]
    )
    func entityTags(header: String, matches: Bool) {
        #expect(EntityTag.list(header, names: "x") == matches)
    }

    @Test(
        "dates have HTTP's form",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_795_454_000, "Mon, 23 Nov 2026 17:13:20 GMT"),
            (-5, "Thu, 01 Jan 1970 00:00:00 GMT"), (.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] as [(Int64, String)]
    )
    func dates(seconds: Int64, text: String) {
        #expect(HTTPDate.text(secondsSince1970: seconds) == text)
    }
}
