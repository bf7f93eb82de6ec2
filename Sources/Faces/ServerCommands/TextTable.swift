// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Lines of text in columns, for people.
struct TextTable {
    private var rows: [[String]]

    /// Starts with the headline.
    init(_ headline: [String]) { rows = [headline] }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// All lines, each column as wide as its widest text.
    var text: String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }

    /// A day, in UTC.
    static func day(_ millisecondsSince1970: Int64) -> String {
        String(moment(millisecondsSince1970).prefix(10))
    }

    /// A moment to the second, in UTC.
    static func moment(_ millisecondsSince1970: Int64) -> String {
        Date(timeIntervalSince1970: Double(millisecondsSince1970) / 1_000).formatted(.iso8601)
    }
}
