// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What a source can tell of itself, for those who look for the cause of trouble.
package struct TransferStatus: Sendable, Equatable {
    /// All servers, in the order in which they are asked.
    package var servers: [String] = []
    /// The server that answered last.
    package var server: String?
    /// The groups of proxies, in the order in which they are used.
    package var proxies: [[String]] = []
    /// The proxy in use; `nil` if servers are asked directly.
    package var proxy: String?
    /// Whether nobody answered when it was tried last.
    package var isOffline = false

    /// A source that knows nothing of itself.
    package init() {}
}
