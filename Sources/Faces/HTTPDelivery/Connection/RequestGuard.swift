// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
package import NIOCore
internal import NIOHTTP1
package import NIOHTTPTypes

/// Keeps a client from holding the server: cuts heads and bodies that trickle, reads no more of an unwanted body than it takes
/// for the client to see the answer, and says what is wrong with a head that cannot be read.
///
/// One on each connection of HTTP/1 and on each stream of HTTP/2. A client that does not take its answer is the kernel's
/// affair: it ends connections on which nothing could be sent for the idle time.
package final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    /// What the handler sits on.
    package enum Layer: Sendable {
        case connection
        case stream
    }

    private let pace: ConnectionPace
    private let layer: Layer
    private var progress = RequestProgress()
    private var gotPart = false
    /// Whether somebody waits for the client's bytes; if not, a pause is the server's own.
    private var isReading = false
    private var headTimer: Scheduled<Void>?
    private var drainTimer: Scheduled<Void>?
    private var deadline: Scheduled<Void>?
    private var paceTimer: RepeatedTask?
    private var endsOnTheirWay = 0
    private var postponedClose: PostponedClose?
    /// A client that sends no more may still want its answer, but hardly one that waits for something to happen.
    private var isInputClosed = false
    private var closesWithInput = false

    private struct PostponedClose {
        let promise: EventLoopPromise<Void>
    }

    package init(pace: ConnectionPace, layer: Layer) {
        self.pace = pace
        self.layer = layer
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        if layer == .connection { pace.limitUnreadTime(of: context.channel) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) { cancelTimers() }

    package func channelInactive(context: ChannelHandlerContext) {
        cancelTimers()
        context.fireChannelInactive()
    }

    // MARK: Requests

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        gotPart = true
        switch unwrapInboundIn(data) {
        case .head(let head):
            cancel(&headTimer)
            progress.gotHead(
                lengthInBytes: head.headerFields[.contentLength].flatMap { Int64($0) },
                expectsContinue: ContinuedBody.isExpected(by: head.headerFields)
            )
        case .body(let bytes):
            // A body of which nothing comes at all is silence, which ends a connection anyway.
            startPaceTimer(context)
            act(progress.gotBody(Int64(bytes.readableBytes)), context)
        case .end:
            cancel(&drainTimer)
            act(progress.gotEnd(), context)
        }
        context.fireChannelRead(data)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if !gotPart { act(progress.gotBytes(), context) }
        gotPart = false
        context.fireChannelReadComplete()
    }

    package func read(context: ChannelHandlerContext) {
        isReading = true
        context.read()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // In the middle of a body whoever reads it must know that the rest will not come.
        guard layer == .connection, progress.isBetweenRequests, !(error is ChannelError), !(error is IOError)
        else { return context.fireErrorCaught(error) }
        refuse(status: (error as? HTTPParserError) == .headerOverflow ? 431 : 400, context)
    }

    // MARK: Answers

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.kind == .informational:
            progress.sentContinue()
            context.write(data, promise: promise)
        case .head(var head):
            if progress.beginAnswer(), layer == .connection { head.headerFields[.connection] = "close" }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body where layer == .connection:
            context.write(data, promise: promise)
        case .body:
            writeToStream(data, promise, context)
        case .end:
            writeEnd(data, promise, context)
        }
    }

    /// The kernel sees the connection, and not which of its streams takes nothing.
    private func writeToStream(
        _ data: NIOAny,
        _ promise: EventLoopPromise<Void>?,
        _ context: ChannelHandlerContext
    ) {
        let written = promise ?? context.eventLoop.makePromise()
        progress.sendBody()
        startPaceTimer(context)
        written.futureResult.assumeIsolated().whenComplete { _ in self.progress.sentBody() }
        context.write(data, promise: written)
    }

    /// The answer has ended when its last byte is in the socket, not when it is on its way there.
    private func writeEnd(
        _ data: NIOAny,
        _ promise: EventLoopPromise<Void>?,
        _ context: ChannelHandlerContext
    ) {
        let written = promise ?? context.eventLoop.makePromise()
        endsOnTheirWay += 1
        closesWithInput = false
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.endsOnTheirWay -= 1
            self.paceTimer?.cancel()
            self.paceTimer = nil
            self.act(self.progress.endAnswer(), context)
            guard self.endsOnTheirWay == 0, let close = self.postponedClose else { return }
            self.postponedClose = nil
            context.close(promise: close.promise)
        }
        context.write(data, promise: written)
    }

    /// Whoever closes a connection after an answer, or because nothing seems to happen, must not cut a file short that the
    /// kernel is still sending.
    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, endsOnTheirWay > 0 else { return context.close(mode: mode, promise: promise) }
        if let postponed = postponedClose {
            if let promise { postponed.promise.futureResult.cascade(to: promise) }
        } else {
            postponedClose = PostponedClose(promise: promise ?? context.eventLoop.makePromise())
        }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The server ends: what runs may finish until the deadline.
        if event as? ChannelEvent == .inputClosed {
            isInputClosed = true
            if closesWithInput { context.close(promise: nil) }
        }
        if event is ChannelShouldQuiesceEvent { deadline = closing(in: pace.shutdownTimeout, context) }
        context.fireUserInboundEventTriggered(event)
    }

    package func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard event is LookAhead else { return context.triggerUserOutboundEvent(event, promise: promise) }
        promise?.succeed()
        if isInputClosed { return context.close(promise: nil) }
        closesWithInput = true
        // Asked for from above, a read would wait until somebody wants more of the request.
        context.read()
    }

    // MARK: What follows

    private func act(_ action: RequestProgress.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .nothing: break
        case .startHeadTimer: headTimer = closing(in: pace.headerTimeout, context)
        case .startDrainTimer: drainTimer = closing(in: ConnectionPace.drainTime, context)
        case .close: context.close(promise: nil)
        }
    }

    private func closing(in time: TimeAmount, _ context: ChannelHandlerContext) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
    }

    /// Looks after each idle time whether enough has come.
    private func startPaceTimer(_ context: ChannelHandlerContext) {
        guard paceTimer == nil else { return }
        let guarded = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        paceTimer = context.eventLoop.scheduleRepeatedTask(
            initialDelay: pace.idleTimeout,
            delay: pace.idleTimeout
        ) { _ in
            let (handler, context) = guarded.value
            let isTooSlow = handler.progress.isTooSlow(floor: handler.pace.floorInBytes)
            if isTooSlow && handler.isReading || handler.progress.isStuck() { context.close(promise: nil) }
        }
    }

    private func refuse(status: Int, _ context: ChannelHandlerContext) {
        let text = status == 431 ? "the headers are too large" : "this is not HTTP as the server knows it"
        let body = ByteBuffer(string: "{\"errors\":[{\"code\":\"UNSUPPORTED\",\"message\":\"\(text)\"}]}\n")
        let head = HTTPResponse(
            status: .init(code: status),
            headerFields: [
                .contentType: "application/json", .contentLength: "\(body.readableBytes)",
                .connection: "close",
            ]
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(mode: .output, promise: nil)
        drainTimer = closing(in: ConnectionPace.drainTime, context)
    }

    private func cancelTimers() {
        cancel(&headTimer)
        cancel(&drainTimer)
        cancel(&deadline)
        paceTimer?.cancel()
        paceTimer = nil
    }

    private func cancel(_ timer: inout Scheduled<Void>?) {
        timer?.cancel()
        timer = nil
    }
}
