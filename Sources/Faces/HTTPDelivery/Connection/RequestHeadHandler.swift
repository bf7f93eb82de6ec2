// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1

/// Speaks HTTP/1.0, which the server leaves out: closes after the answer to a client that did not ask for more, and tells one
/// that did that the connection is kept.
///
/// - Source: RFC 9112, section 9.3 and appendix C.2.2.
final class RequestHeadHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// For each request that waits for its answer, whether its client must be told that the connection is kept.
    private var mustTell: [Bool] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        mustTell.append(head.version == .http1_0 && head.isKeepAlive)
        guard head.version == .http1_0, !head.isKeepAlive else { return context.fireChannelRead(data) }
        head.headers.replaceOrAdd(name: "connection", value: "close")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !mustTell.isEmpty, case .head(var head) = unwrapOutboundIn(data), head.status.code >= 200,
            mustTell.removeFirst(), !head.headers.contains(name: "connection")
        else { return context.write(data, promise: promise) }
        head.headers.add(name: "connection", value: "keep-alive")
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
