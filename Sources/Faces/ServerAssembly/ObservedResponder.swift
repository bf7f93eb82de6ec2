// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Synchronization
internal import Telemetry
internal import Tracing

/// Watches every request on its way: gives it its number, counts it, measures it, and writes it down where that is wanted.
struct ObservedResponder: HTTPResponder {
    typealias Context = SiteContext

    let site: SiteResponder
    let metrics: RequestMetrics
    /// For every request; `nil` if that is not wanted.
    let access: Logger?
    /// An answer that takes longer to begin is logged; `nil` if none is.
    let slowNanoseconds: Int64?

    /// What is shorter is as good as sent when it is handed over.
    private static let bufferedBytes = 64 << 10

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        var (request, context) = (request, context)
        if let given = RequestIdentity.given(by: request.head) {
            context.logger[metadataKey: RequestIdentity.libraryKey] = .string(given)
        }
        let passage = Passage(of: request, context, by: self)
        metrics.active.wrappingAdd(1, ordering: .relaxed)
        passage.countBody(of: &request)
        var response: Response
        do {
            response = try await withSpan(passage.route.pattern, ofKind: .server) { [request, context] span in
                let response = try await site.respond(to: request, context: context)
                if span.isRecording { passage.describe(response, in: span) }
                return response
            }
        } catch {
            passage.end(status: (error as? any HTTPResponseError)?.status.code ?? 500, sent: 0)
            throw error
        }
        passage.answerBegins(status: response.status.code)
        response.headers[RequestIdentity.header] = passage.id
        let (status, length) = (response.status.code, response.body.contentLength)
        if request.method == .head {
            passage.end(status: status, sent: 0)
        } else if let length, length <= Self.bufferedBytes {
            passage.end(status: status, sent: length)
        } else {
            response.body = passage.measured(response.body, status: status)
        }
        return response
    }
}

/// One request from its head to the last byte of its answer.
private final class Passage: Sendable {
    let route: RequestRoute
    let id: String
    private let start: UInt64
    private let method: RequestMetrics.Method
    private let received: BodyCount?
    private let head: HTTPRequest
    private let context: SiteContext
    private let observer: ObservedResponder

    init(of request: Request, _ context: SiteContext, by observer: ObservedResponder) {
        start = SteadyClock.nanoseconds()
        route = RequestRoute(target: request.head.path ?? "")
        id = context.id
        method = RequestMetrics.Method(request.method)
        head = request.head
        switch method {
        case .get, .head, .delete: received = nil
        default: received = BodyCount()
        }
        self.context = context
        self.observer = observer
    }

    /// Counts the bytes of the body as somebody reads them.
    func countBody(of request: inout Request) {
        guard let received else { return }
        request.body = RequestBody(
            asyncSequence: request.body.map { bytes in
                received.sum.wrappingAdd(Int64(bytes.readableBytes), ordering: .relaxed)
                return bytes
            }
        )
    }

    /// A body that ends the passage when it is sent, or when it cannot be.
    func measured(_ body: ResponseBody, status: Int) -> ResponseBody {
        ResponseBody(contentLength: body.contentLength) { [self] writer in
            do {
                try await body.write(writer)
                end(status: status, sent: body.contentLength ?? 0)
            } catch {
                end(status: status, sent: 0, isCut: true)
                throw error
            }
        }
    }

    func end(status: Int, sent: Int, isCut: Bool = false) {
        let nanoseconds = Int64(clamping: SteadyClock.nanoseconds() - start)
        let metrics = observer.metrics
        metrics.active.wrappingSubtract(1, ordering: .relaxed)
        metrics.record(route, method, status: status, nanoseconds: nanoseconds)
        if sent > 0 { metrics.sent.wrappingAdd(Int64(sent), ordering: .relaxed) }
        let bytes = received?.sum.load(ordering: .relaxed) ?? 0
        if bytes > 0 { metrics.received.wrappingAdd(bytes, ordering: .relaxed) }
        if let access = observer.access {
            access.info("request", metadata: fields(status: status, sent: sent, nanoseconds, isCut: isCut))
        }
    }

    /// Logs a request that took long to come so far.
    ///
    /// Where much was uploaded before, the network may be the reason, and nobody can do anything about it.
    func answerBegins(status: Int) {
        guard !route.isPatient, let slow = observer.slowNanoseconds, received?.isSmall ?? true else { return }
        let nanoseconds = Int64(clamping: SteadyClock.nanoseconds() - start)
        guard nanoseconds > slow else { return }
        context.logger.warning(
            "slow request",
            metadata: fields(status: status, sent: 0, nanoseconds, isCut: false)
        )
    }

    func describe(_ response: Response, in span: any Span) {
        span.attributes["http.request.method"] = head.method.rawValue
        span.attributes["http.route"] = route.pattern
        span.attributes["http.response.status_code"] = response.status.code
        if response.status.code >= 500 { span.setStatus(SpanStatus(code: .error)) }
    }

    private func fields(status: Int, sent: Int, _ nanoseconds: Int64, isCut: Bool) -> Logger.Metadata {
        let path = (head.path ?? "").prefix { $0 != "?" }
        var fields: Logger.Metadata = [
            LogKey.requestID.name: .string(id),
            LogKey.httpMethod.name: .string(head.method.rawValue),
            LogKey.httpRoute.name: .string(route.pattern),
            LogKey.httpPath.name: .string(String(path.prefix(1024))),
            LogKey.httpStatus.name: .stringConvertible(status),
            LogKey.sentBytes.name: .stringConvertible(sent),
            LogKey.requestDuration.name: .stringConvertible(Double(nanoseconds / 1_000) / 1e6),
        ]
        if let received {
            fields[LogKey.receivedBytes.name] = .stringConvertible(received.sum.load(ordering: .relaxed))
        }
        if let address = context.peerAddress { fields[LogKey.clientAddress.name] = .string(address) }
        if let agent = head.headerFields[.userAgent] {
            fields[LogKey.userAgent.name] = .string(String(agent.prefix(256)))
        }
        if isCut { fields[LogKey.requestOutcome.name] = "cut" }
        return fields
    }
}

/// How many bytes of a body were read.
private final class BodyCount: Sendable {
    let sum = Atomic<Int64>(0)

    var isSmall: Bool { sum.load(ordering: .relaxed) <= 1 << 20 }
}
