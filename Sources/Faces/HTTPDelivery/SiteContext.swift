// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Hummingbird
internal import NIOCore
internal import Synchronization

/// What every face knows of a request beside the request itself.
package struct SiteContext: RequestContext {
    package var coreContext: CoreRequestContextStorage

    /// The numeric address of the other end of the connection; `nil` where there is none, as in tests without a socket.
    package let peerAddress: String?

    /// Whether the request came through the server's own socket on its machine, to which only its owner has access.
    package let isLocalSocket: Bool

    /// Whether who sent the request may still have what they asked for, as a question to ask again while an answer goes on;
    /// `nil` where everybody may for good.
    package var isStillAllowed: (@Sendable () async -> Bool)?

    /// The connection.
    let channel: any Channel

    /// Whether the connection was closed, as a question that can be asked again and again while an answer waits.
    ///
    /// The library reads no further than the request until it is answered, and so would not see that the client goes. The
    /// first times that the question is asked, `RequestGuard` reads once more: that ends when the client closes, or with a part
    /// of its next request. Once may be too early to count, and each may take some KiB of what a client sends ahead, hence a few.
    package func connectionWatch() -> @Sendable () -> Bool {
        let reads = ReadBudget()
        return { [channel] in
            if reads.take() { channel.pipeline.triggerUserOutboundEvent(LookAhead(), promise: nil) }
            return !channel.isActive
        }
    }

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        peerAddress = source.channel.remoteAddress?.ipAddress
        isLocalSocket = source.channel.localAddress?.protocol == .unix
    }
}

/// Asks `RequestGuard` to read once more, though nobody wants the bytes yet.
struct LookAhead: Sendable {}

/// How often more may be read of a client than its request.
private final class ReadBudget: Sendable {
    private let rest = Atomic(3)

    func take() -> Bool { rest.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 }
}
