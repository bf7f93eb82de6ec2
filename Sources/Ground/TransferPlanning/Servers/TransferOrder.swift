// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What an administrator changes about the way to the servers while a mount runs.
package enum TransferOrder: Sendable, CaseIterable {
    /// The next server of the list comes first.
    case nextServer
    /// The next group of proxies is used.
    case nextProxyGroup
    /// Another proxy of the group is drawn.
    case drawProxy
}
