// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What a person asks to be run.
package struct ContainerRequest: Sendable {
    /// A directory of the host that the container sees.
    package struct Volume: Sendable, Equatable {
        package let source: String
        package let target: String
        package let isReadOnly: Bool

        /// Reads `SRC:DST[:ro|rw]` with absolute paths; `nil` for anything else.
        package init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
            guard (2...3).contains(parts.count), parts[0].hasPrefix("/"), parts[1].hasPrefix("/"),
                parts.count == 2 || parts[2] == "ro" || parts[2] == "rw"
            else { return nil }
            source = parts[0]
            target = parts[1]
            isReadOnly = parts.count == 3 && parts[2] == "ro"
        }
    }

    /// Words that replace the image's command; empty for the image's own.
    package var words: [String] = []
    /// `NAME=value` each; they win over the image's.
    package var environment: [String] = []
    package var volumes: [Volume] = []
    /// Whether set-uid programs take effect.
    package var allowsSetUserID = false
    /// Whether the command may write to its root; what it writes is thrown away.
    package var isWritable = true
    /// Whether the command gets a terminal of its own.
    package var hasTerminal = false

    /// The defaults.
    package init() {}
}
