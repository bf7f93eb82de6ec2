// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Closes a connection only when everything that was written is with the kernel.
///
/// HTTP/2 takes a stream for done when its last bytes were handed over, and ends the connection after the last stream; a
/// client that takes its time would lose what is still on the way. At a shutdown the deadline ends that, and otherwise the
/// kernel, once nothing was taken for the idle time.
package final class UnhurriedClose: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private let pace: ConnectionPace
    private var closing: EventLoopPromise<Void>?
    private var deadline: Scheduled<Void>?

    package init(pace: ConnectionPace) { self.pace = pace }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all else { return context.close(mode: mode, promise: promise) }
        if let closing {
            if let promise { closing.futureResult.cascade(to: promise) }
            return
        }
        let closed = promise ?? context.eventLoop.makePromise()
        closing = closed
        // Writes keep their order, so this one is through when all before it are.
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: closed) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            deadline = context.eventLoop.assumeIsolated().scheduleTask(in: pace.shutdownTimeout) {
                context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }
}
