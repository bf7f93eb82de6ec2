// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import ClientConfiguration

extension FuzzTarget {
    /// The files of a node: what they set is bounded, said with its place, and the same each time.
    static func configurations(_ text: String) throws(Finding) {
        var (first, second) = (ParameterSet(), ParameterSet())
        let surroundings = ConfigurationScript.Surroundings(environment: ["HOME": "/root"]) { _, path in
            path.utf8.count % 2 == 0
        }
        let notes = ConfigurationScript.evaluate(text, path: "f", into: &first, surroundings)
        let again = ConfigurationScript.evaluate(text, path: "f", into: &second, surroundings)
        try check(first.entries == second.entries && notes == again, "the same file says two things")
        let lineCount = text.count(where: \.isNewline) + 1
        for (name, entry) in first.entries {
            try check(!name.isEmpty && !name.contains(where: \.isWhitespace), "a strange name was set")
            try check(entry.value.utf8.count <= 256 << 10, "a value is larger than it may be")
            guard case .file(_, let line) = entry.origin else {
                throw Finding(description: "a value without a place")
            }
            try check((1...lineCount).contains(line), "a value comes from nowhere")
        }
        _ = ParameterTable.warnings(for: first)
        var blacklist = Blacklist()
        let strangers = blacklist.add(text: text)
        try check(strangers.count <= lineCount, "a blacklist has more lines than its file")
    }
}
