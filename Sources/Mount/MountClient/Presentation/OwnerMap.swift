// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Which numbers of users, or of groups, are shown in place of the recorded ones.
///
/// - Source: cvmfs-format H.16.
package struct OwnerMap: Sendable, Equatable {
    private var replacements: [UInt32: UInt32] = [:]
    private var others: UInt32?

    /// Shows the recorded numbers.
    package init() {}

    /// Reads lines `FROM TO` and `* TO`; `#` begins a comment.
    ///
    /// - Throws: `option` with the number of the line that makes no sense.
    package init(text: String) throws(MountProblem) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard !words.isEmpty else { continue }
            guard words.count == 2, let target = UInt32(words[1]) else { throw Self.problem(index, line) }
            if words[0] == "*" {
                others = target
            } else if let source = UInt32(words[0]) {
                replacements[source] = target
            } else {
                throw Self.problem(index, line)
            }
        }
    }

    /// What is shown for a recorded number.
    package subscript(recorded: UInt32) -> UInt32 { replacements[recorded] ?? others ?? recorded }

    private static func problem(_ index: Int, _ line: Substring) -> MountProblem {
        MountProblem(
            .option,
            "line \(index + 1) of an owner map, '\(line.prefix(80))', makes no sense",
            remedy: "write 'FROM TO' or '* TO', all numbers"
        )
    }
}
