// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import NIOHTTP1

/// Prepares a connection of HTTP/1: puts a `RequestHeadHandler` above the request decoder and, where the kernel may send
/// files, a `FileRegionHandler` directly above the response encoder.
///
/// The server's own extension point is above the codec that turns responses into buffers, where a file cannot pass; so
/// this handler only plants the other ones, and is idle afterwards.
package final class ConnectionInstaller: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = NIOAny

    /// What the bytes pass on their way to the socket.
    package enum Wire: Sendable {
        case plain
        /// The kernel cannot encrypt, so files are read and written in pieces.
        case encrypted
    }

    private let wire: Wire

    package init(_ wire: Wire = .plain) { self.wire = wire }

    package func handlerAdded(context: ChannelHandlerContext) {
        let operations = context.pipeline.syncOperations
        // Without an encoder this is no HTTP/1 connection, and nothing will be sent through the table.
        guard let encoder = try? operations.context(handlerType: HTTPResponseEncoder.self),
            let decoder = try? operations.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        else { return }
        do {
            if wire == .plain {
                try operations.addHandler(FileRegionHandler(), position: .after(encoder.handler))
            }
            try operations.addHandler(RequestHeadHandler(), position: .after(decoder.handler))
        } catch {
            context.close(promise: nil)
        }
    }
}
