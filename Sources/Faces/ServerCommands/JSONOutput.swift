// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Prints values as JSON: keys sorted, so that two runs can be compared.
enum JSONOutput {
    /// Writes one value over several lines.
    static func write(_ value: some Encodable) throws {
        try write(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    /// Writes one value in one line.
    static func writeLine(_ value: some Encodable) throws {
        try write(value, [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func write(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        StandardStream.output.write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }
}
