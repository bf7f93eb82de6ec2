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

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        peerAddress = source.channel.remoteAddress?.ipAddress
        isLocalSocket = source.channel.localAddress?.protocol == .unix
    }
}
