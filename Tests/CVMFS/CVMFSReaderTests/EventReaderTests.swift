// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSReader
import Foundation
import Testing

/// - Source: HTML standard, 9.2.6; docs/notifications.md.
@Suite struct EventReaderTests {
    private static let letter = Array("Cabc\nS7\n--\nhash\n".utf8) + [0, 255, 13, 10]

    private static func event(_ letter: [UInt8], end: String = "\n") -> String {
        ["id: 7", "event: revision", "data: " + Data(letter).base64EncodedString(), "", ""]
            .joined(separator: end)
    }

    private func read(_ text: String, pieces: Int = .max) throws -> [EventReader.Event] {
        var reader = EventReader()
        var events: [EventReader.Event] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            events += try reader.take(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
        }
        return events
    }

    @Test(
        "a revision is read, whatever ends its lines and wherever it is cut",
        arguments: ["\n", "\r\n", "\r"]
    )
    func revision(end: String) throws {
        let text = "retry: 2417\(end)\(end)" + Self.event(Self.letter, end: end) + ":\(end)\(end)"
        for pieces in [1, 2, 3, 7, 1000] {
            #expect(
                try read(text, pieces: pieces)
                    == [.retry(milliseconds: 2417), .sign, .letter(Self.letter), .sign]
            )
        }
    }

    @Test("data of several lines is one text, and base64 does not mind")
    func lines() throws {
        let text = Data(Self.letter).base64EncodedString()
        let half = text.index(text.startIndex, offsetBy: 8)
        // A break is no character of base64.
        #expect(throws: EventReader.Fault.notBase64) {
            try read("event: revision\ndata: \(text[..<half])\ndata: \(text[half...])\n\n")
        }
    }

    @Test("events of other kinds, unknown fields and events without data are passed over")
    func others() throws {
        let text = "data: aGk=\n\nevent: other\ndata: aGk=\n\nevent: revision\n\ncolour: red\nretry: soon\n\n"
        #expect(try read(text).isEmpty)
        #expect(try read("event:revision\ndata:aGk=\n\n") == [.letter(Array("hi".utf8))])
    }

    @Test("a stream that never makes sense, or never ends a line, is given up within bounds")
    func bounds() {
        #expect(throws: EventReader.Fault.tooLong) {
            try read("data: " + String(repeating: "A", count: 200_000))
        }
        #expect(throws: EventReader.Fault.tooLong) {
            try read(String(repeating: "data: " + String(repeating: "A", count: 1000) + "\n", count: 200))
        }
        #expect(throws: EventReader.Fault.noEvents) {
            try read(String(repeating: "<p>hello</p>\n", count: 20_000))
        }
        #expect(throws: EventReader.Fault.notBase64) { try read("event: revision\ndata: %%%\n\n") }
    }

    @Test("no bytes make it trap")
    func noise() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let alphabet = Array("data:revtyi \r\n\u{0}%A=".utf8)
            let bytes = (0..<200).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            var reader = EventReader()
            _ = try? reader.take(bytes)
        }
    }
}
