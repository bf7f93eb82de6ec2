// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why the server does not start.
package struct ServerProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        /// Another process uses the data directory.
        case dataInUse = "data-in-use"
        /// The data directory cannot be made or used.
        case dataUnusable = "data-unusable"
        /// Another process listens on the address.
        case addressInUse = "address-in-use"
        /// The address cannot be listened on.
        case addressUnusable = "address-unusable"
        /// A file with a secret cannot be read.
        case secretUnreadable = "secret-unreadable"
        /// Everyone on the network could write, as there are no users.
        case openToNetwork = "open-to-network"
        /// The certificate or its key cannot be used.
        case certificateUnusable = "certificate-unusable"
    }

    package let code: Code
    package let message: String
    package let remedy: String?
    package let cause: (any Error)?

    init(_ code: Code, _ message: String, remedy: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    package var identifier: String { code.rawValue }
}
