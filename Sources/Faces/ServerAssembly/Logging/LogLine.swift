// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import Logging
package import MetadataStore

/// One line of the log, in the two forms that it may take.
///
/// ```
/// 2026-11-26T11:13:20.123Z notice  server name changed server.name=a.example.org
/// {"time":"2026-11-26T11:13:20.123Z","level":"notice","logger":"wharf","message":"server name changed",…}
/// ```
///
/// Nothing that comes from outside can begin a new line or steer a terminal.
package struct LogLine {
    let time: Timestamp
    let level: Logger.Level
    let label: String
    let message: String
    /// In the order in which they are written.
    let fields: [(key: String, value: Logger.MetadataValue)]

    /// Joins the parts.
    package init(
        time: Timestamp,
        level: Logger.Level,
        label: String,
        message: String,
        fields: [(key: String, value: Logger.MetadataValue)]
    ) {
        self.time = time
        self.level = level
        self.label = label
        self.message = message
        self.fields = fields
    }

    /// For people.
    package var text: [UInt8] {
        var line = Self.text(of: time) + " "
        let name = level.rawValue
        line += name + String(repeating: " ", count: max(1, 9 - name.utf8.count)) + message
        for (key, value) in fields {
            let text = Self.text(of: value)
            let isPlain =
                !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
            line += " \(key)="
            line += isPlain ? text : Self.quoted(text)
        }
        return Array((line + "\n").utf8)
    }

    /// For machines.
    package var json: [UInt8] {
        var line =
            "{\"time\":\"\(Self.text(of: time))\",\"level\":\"\(level.rawValue)\",\"logger\":\(Self.quoted(label))"
        line += ",\"message\":\(Self.quoted(message))"
        for (key, value) in fields { line += ",\(Self.quoted(key)):\(Self.json(of: value))" }
        return Array((line + "}\n").utf8)
    }

    private static func text(of value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        default: value.description
        }
    }

    private static func json(of value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value as Int): String(value)
        case .stringConvertible(let value as Int64): String(value)
        case .stringConvertible(let value as Double) where value.isFinite: String(value)
        case .stringConvertible(let value as Bool): String(value)
        case .stringConvertible(let value): quoted(value.description)
        case .array(let values): "[" + values.map { json(of: $0) }.joined(separator: ",") + "]"
        case .dictionary(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json(of: $0.value))" }
                .joined(separator: ",") + "}"
        }
    }

    /// A text in quotes, with everything escaped that is no printable character.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _
            where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                || (0x2028...0x202E).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A moment in UTC with milliseconds.
    static func text(of time: Timestamp) -> String {
        var seconds = Int(time.millisecondsSince1970 / 1_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int32, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let date =
            "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
        let clock = "\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))"
        return "\(date)T\(clock).\(digits(Int32(time.millisecondsSince1970 % 1_000), 3))Z"
    }
}
