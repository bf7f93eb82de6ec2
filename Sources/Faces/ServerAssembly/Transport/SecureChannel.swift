// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP2
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP2
internal import NIOSSL
internal import NIOTLS

/// A connection over TLS that speaks HTTP/2 or HTTP/1.1, as client and server agree in the handshake.
///
/// The library's own channel for this takes one certificate for its whole life, and a window of 64 KiB, with which an
/// upload over 100 ms of round trip gets 0.6 MB/s.
struct SecureChannel: HTTPChannelHandler {
    typealias Stream = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
    typealias Connection = NIONegotiatedHTTPVersion<Stream, NIOHTTP2Handler.AsyncStreamMultiplexer<Stream>>

    struct Value: ServerChildChannelValue {
        let connection: EventLoopFuture<Connection>
        let channel: any Channel
    }

    let responder: Responder
    let certificate: ServerCertificate
    let pace: ConnectionPace
    private let http1: HTTP1Channel

    init(
        certificate: ServerCertificate,
        pace: ConnectionPace,
        http1: HTTP1Channel.Configuration,
        responder: @escaping Responder
    ) {
        self.certificate = certificate
        self.pace = pace
        self.responder = responder
        self.http1 = HTTP1Channel(responder: responder, configuration: http1)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let encryption = NIOSSLServerHandler(context: certificate.context)
            try pipeline.addHandler(encryption)
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Connection> { result in
                // Not before: while the handshake lasts nothing is written, and nobody could wait for it.
                do {
                    let unhurried = UnhurriedClose(pace: pace)
                    try channel.pipeline.syncOperations.addHandler(unhurried, position: .after(encryption))
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
                if case .negotiated("h2") = result {
                    return setUpHTTP2(channel, logger).map { .http2($0) }
                }
                return http1.setup(channel: channel, logger: logger).map { .http1_1($0) }
            }
            try pipeline.addHandler(negotiation)
            // Also a handshake that does not come to its end.
            let deadline = channel.eventLoop.scheduleTask(in: pace.headerTimeout) {
                channel.close(promise: nil)
            }
            negotiation.protocolNegotiationResult.whenComplete { _ in deadline.cancel() }
            return Value(connection: negotiation.protocolNegotiationResult, channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.connection.get() {
            case .http1_1(let stream):
                await http1.handle(value: stream, logger: logger)
            case .http2(let multiplexer):
                try await withThrowingDiscardingTaskGroup { group in
                    for try await stream in multiplexer.inbound {
                        group.addTask { await handleHTTP(asyncChannel: stream, logger: logger) }
                    }
                }
            }
        } catch {
            // A client that trusts another authority, a scanner, a connection that broke: nothing to do about it.
            logger.debug("secure connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func setUpHTTP2(
        _ channel: any Channel,
        _ logger: Logger
    ) -> EventLoopFuture<NIOHTTP2Handler.AsyncStreamMultiplexer<Stream>> {
        pace.limitUnreadTime(of: channel)
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
                mode: .server,
                connectionManagerConfiguration: .init(
                    maxIdleTime: pace.idleTimeout,
                    maxAge: nil,
                    maxGraceTime: pace.shutdownTimeout,
                    keepalive: nil
                ),
                http2HandlerConfiguration: HTTP2Limits.configuration
            ) { [pace] stream in
                stream.eventLoop.makeCompletedFuture {
                    let pipeline = stream.pipeline.syncOperations
                    try pipeline.addHandler(HTTP2FramePayloadToHTTPServerCodec())
                    try pipeline.addHandler(RequestGuard(pace: pace, layer: .stream))
                    try pipeline.addHandler(
                        HTTPConnectionStateHandler(idleTimeout: Duration(pace.idleTimeout), logger: logger)
                    )
                    return try Stream(wrappingChannelSynchronously: stream)
                }
            }
        }
    }
}

/// What a client of HTTP/2 may have at once.
enum HTTP2Limits {
    /// As many requests as clients of registries are known to send in parallel.
    static let streams = 256
    /// How much of an upload may be on its way: 40 MB/s at a round trip of 100 ms.
    ///
    /// What a stream has received and not stored is bounded by it, too.
    static let windowSizeInBytes = 4 << 20

    static var configuration: NIOHTTP2Handler.Configuration {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streams),
            HTTP2Setting(parameter: .initialWindowSize, value: windowSizeInBytes),
            HTTP2Setting(parameter: .maxFrameSize, value: 256 << 10),
            HTTP2Setting(parameter: .maxHeaderListSize, value: HTTPService.headerLimitInBytes),
        ]
        connection.targetWindowSize = 4 * windowSizeInBytes
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.targetWindowSize = windowSizeInBytes
        stream.outboundBufferSizeHighWatermark = 1 << 20
        stream.outboundBufferSizeLowWatermark = 256 << 10
        return NIOHTTP2Handler.Configuration(connection: connection, stream: stream)
    }
}
