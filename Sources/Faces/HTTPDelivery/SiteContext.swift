// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Hummingbird
internal import NIOCore

/// What every face knows of a request beside the request itself.
package struct SiteContext: RequestContext {
    package var coreContext: CoreRequestContextStorage

    /// The numeric address of the other end of the connection; `nil` where there is none, as in tests without a socket.
    package let peerAddress: String?

    /// Whether the request came through the server's own socket on its machine, to which only its owner has access.
    package let isLocalSocket: Bool

    /// The connection.
    let channel: any Channel

    /// Whether the other end, or this server, has closed the connection.
    package var isConnectionClosed: Bool { !channel.isActive }

    /// The same as a question that can be asked later, from anywhere.
    package var connectionWatch: @Sendable () -> Bool { { [channel] in !channel.isActive } }

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        peerAddress = source.channel.remoteAddress?.ipAddress
        isLocalSocket = source.channel.localAddress?.protocol == .unix
    }
}
