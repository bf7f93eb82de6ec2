// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import PublicationRules
import Testing

@Suite struct TagPatternTests {
    @Test(
        "a pattern matches the whole tag",
        arguments: [
            ("1.2", "1.2", true), ("1.2", "1.20", false), ("1.2", "1x2", false), ("*", "anything", true),
            ("v*", "v", true), ("v*", "dev", false), ("*-rc*", "1.0-rc1", true), ("*-rc*", "1.0", false),
            ("v?.?", "v1.2", true), ("v?.?", "v10.2", false), ("{main,dev}-*", "dev-7", true),
            ("{main,dev}-*", "test-7", false), ("a{,b}", "a", true), ("a{,b}", "ab", true), ("**", "x", true),
            ("*a*b", "xaybzb", true), ("*a*b", "xbya", false),
        ]
    )
    func matching(pattern: String, tag: String, isMatch: Bool) throws {
        #expect(try #require(TagPattern(pattern)).matches(tag) == isMatch)
    }

    @Test(
        "what is no pattern is refused",
        arguments: [
            "", "{", "}", "{a", "a}", "{a{b}}", "a b", "ä", String(repeating: "a", count: 257),
            String(repeating: "{a,b}", count: 7),
        ]
    )
    func refusal(text: String) { #expect(TagPattern(text) == nil) }

    @Test("a pattern of stars is quick on a tag that it does not match")
    func stars() throws {
        let pattern = try #require(TagPattern(String(repeating: "*a", count: 100) + "b"))
        #expect(!pattern.matches(String(repeating: "a", count: 128)))
    }
}
