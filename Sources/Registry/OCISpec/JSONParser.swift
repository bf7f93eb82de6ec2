// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// A recursive-descent reader of JSON, bounded in depth.
struct JSONParser {
    private let bytes: [UInt8]
    private let depthLimit: Int
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(OCIProblem) -> JSONValue {
        let value = try value()
        skipWhitespace()
        guard position == bytes.count else { throw problem("data after the document") }
        return value
    }

    private mutating func value() throws(OCIProblem) -> JSONValue {
        skipWhitespace()
        switch peek {
        case UInt8(ascii: "{"): return try nested { (parser) throws(OCIProblem) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(OCIProblem) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw problem("a value is missing")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(OCIProblem) -> JSONValue
    ) throws(OCIProblem) -> JSONValue {
        guard depth < depthLimit else { throw problem("nested deeper than \(depthLimit)") }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(OCIProblem) -> JSONValue {
        var members: [String: JSONValue] = [:]
        guard !accept(UInt8(ascii: "}")) else { return .object(JSONObject(members: members)) }
        repeat {
            skipWhitespace()
            guard peek == UInt8(ascii: "\"") else { throw problem("a name is missing") }
            let name = try string()
            guard accept(UInt8(ascii: ":")) else { throw problem("a colon is missing") }
            let value = try value()
            guard members.updateValue(value, forKey: name) == nil else {
                throw problem("a name occurs twice")
            }
        } while accept(UInt8(ascii: ","))
        guard accept(UInt8(ascii: "}")) else { throw problem("an object is not closed") }
        return .object(JSONObject(members: members))
    }

    private mutating func array() throws(OCIProblem) -> JSONValue {
        var elements: [JSONValue] = []
        guard !accept(UInt8(ascii: "]")) else { return .array(elements) }
        repeat {
            elements.append(try value())
        } while accept(UInt8(ascii: ","))
        guard accept(UInt8(ascii: "]")) else { throw problem("an array is not closed") }
        return .array(elements)
    }

    // MARK: Strings

    private mutating func string() throws(OCIProblem) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw problem("invalid UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw problem("a control character in a string")
            default: text.append(byte)
            }
        }
        throw problem("a string is not closed")
    }

    private mutating func escape(into text: inout [UInt8]) throws(OCIProblem) {
        guard let byte = peek else { throw problem("a string is not closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try escapedScalar()).utf8)
        default: throw problem("an unknown escape")
        }
    }

    private mutating func escapedScalar() throws(OCIProblem) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A high surrogate must be followed by an escaped low one.
        guard (0xD800..<0xDC00).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw problem("half a surrogate pair")
        }
        let second = try fourDigits()
        guard (0xDC00..<0xE000).contains(second) else { throw problem("half a surrogate pair") }
        guard let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) else {
            throw problem("an invalid character")
        }
        return scalar
    }

    private mutating func fourDigits() throws(OCIProblem) -> UInt32 {
        guard bytes.count - position >= 4 else { throw problem("a short escape") }
        let digits = bytes[position..<position + 4]
        position += 4
        // `UInt32(_:radix:)` would accept a sign.
        guard digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-"),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw problem("a malformed escape") }
        return value
    }

    // MARK: Numbers and words

    private mutating func number() throws(OCIProblem) -> String {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let leading = peek
        guard digits() > 0 else { throw problem("a malformed number") }
        let firstDigit = bytes[start] == UInt8(ascii: "-") ? start + 1 : start
        guard leading != UInt8(ascii: "0") || position == firstDigit + 1 else {
            throw problem("a leading zero")
        }
        if take(UInt8(ascii: ".")) {
            guard digits() > 0 else { throw problem("a malformed number") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw problem("a malformed number") }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek, Self.isDigit(byte) { position += 1 }
        return position - start
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(OCIProblem) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw problem("an unknown word") }
        position += word.utf8.count
        return value
    }

    // MARK: Characters

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    /// Skips white space and then takes `byte`, if it comes next.
    private mutating func accept(_ byte: UInt8) -> Bool {
        skipWhitespace()
        return take(byte)
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func problem(_ why: String) -> OCIProblem {
        OCIProblem(.invalidJSON, "not valid JSON at byte \(position): \(why)")
    }
}
