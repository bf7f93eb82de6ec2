// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import MetadataStore
import ServerAssembly
import Testing

@Suite struct LogLineTests {
    private func line(_ message: String, _ fields: [(String, Logger.MetadataValue)]) -> LogLine {
        LogLine(
            time: Timestamp(millisecondsSince1970: 1_795_692_004_007),
            level: .notice,
            label: "wharf",
            message: message,
            fields: fields.map { (key: $0.0, value: $0.1) }
        )
    }

    @Test("for people, a line is time, level, message, and what belongs to it")
    func text() {
        let line = line(
            "done",
            [("a", "plain"), ("b", "two words"), ("c", .stringConvertible(3)), ("d", "")]
        )
        #expect(
            String(decoding: line.text, as: UTF8.self)
                == "2026-11-26T11:20:04.007Z notice   done a=plain b=\"two words\" c=3 d=\"\"\n"
        )
    }

    @Test("for machines, a line is one JSON object with numbers as numbers")
    func json() throws {
        let line = line(
            "done",
            [
                ("a", "x\"\\"), ("b", .stringConvertible(0.5)), ("c", .array(["y", .stringConvertible(1)])),
                ("d", .dictionary(["k": "v"])),
            ]
        )
        let text = String(decoding: line.json, as: UTF8.self)
        #expect(text.hasSuffix("}\n") && text.filter { $0 == "\n" }.count == 1)
        let members = try #require(try JSONSerialization.jsonObject(with: Data(line.json)) as? [String: Any])
        #expect(members["time"] as? String == "2026-11-26T11:20:04.007Z")
        #expect(members["level"] as? String == "notice")
        #expect(members["a"] as? String == "x\"\\")
        #expect(members["b"] as? Double == 0.5)
        #expect((members["c"] as? [Any])?.count == 2)
        #expect((members["d"] as? [String: String]) == ["k": "v"])
    }

    @Test(
        "what comes from outside begins no new line and steers no terminal",
        arguments: ["a\nb", "\u{1B}[2J", "\r", "\u{0}", "\u{85}", "\u{2028}", "\u{202E}", "\u{9B}1m"]
    )
    func hostile(value: String) throws {
        for bytes in [line("m", [("k", .string(value))]).text, line("m", [("k", .string(value))]).json] {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.unicodeScalars.dropLast().allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
        }
        let json = line("m", [("k", .string(value))]).json
        let members = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
        #expect(members?["k"] as? String == value)
    }
}
