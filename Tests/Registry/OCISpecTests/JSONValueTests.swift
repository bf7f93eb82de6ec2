// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import OCISpec
import Testing

@Suite struct JSONValueTests {
    private func parse(_ text: String, depthLimit: Int = 64) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), depthLimit: depthLimit)
    }

    @Test("values keep their kind and numbers their text")
    func values() throws {
        let value = try parse(
            #" {"a": [1, -2.5e+3, true, false, null, "x\n\u00e4\ud83d\ude00\/"], "b": {}} "#
        )
        #expect(
            value.object?["a"]
                == .array([
                    .number("1"), .number("-2.5e+3"), .boolean(true), .boolean(false), .null,
                    .string("x\n\u{e4}😀/"),
                ])
        )
        #expect(value.object?.contains("b") == true)
        #expect(try parse("9223372036854775807").integer == Int64.max)
        #expect(try parse("9223372036854775808").integer == nil)
        #expect(try parse("1.0").integer == nil)
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "{", "[", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "01", "-", "1.",
            "1e", "+1", ".5",
            "tru", "nulls", "\"", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
            "\"\u{1}\"",
            "1 2", "{} x", "\u{FEFF}{}", "'a'", "NaN", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":1}",
        ]
    )
    func refused(text: String) {
        #expect(throws: OCIProblem.self) { try parse(text) }
    }

    @Test("invalid UTF-8 is refused")
    func invalidUTF8() {
        #expect(throws: OCIProblem.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
        #expect(throws: OCIProblem.self) { try JSONValue(parsing: [0x22, 0xC0, 0x80, 0x22]) }
    }

    @Test("nesting is bounded before it can exhaust the stack")
    func depth() throws {
        let deep = { (count: Int) in
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        _ = try parse(deep(64))
        #expect(throws: OCIProblem.self) { try parse(deep(65)) }
        #expect(throws: OCIProblem.self) { try parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: OCIProblem.self) { try parse(String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test("every cut of a document is refused and crashes nothing")
    func cuts() {
        let bytes = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e4\ud83d\ude00"],"b":{"c":false}}"#.utf8)
        for end in 0..<bytes.count {
            #expect(throws: OCIProblem.self) { try JSONValue(parsing: Array(bytes[..<end])) }
        }
    }
}
