// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import GarbageCollection
internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Telemetry

/// Sends each request to the face that owns the first part of its path, and answers the probes itself.
struct SiteResponder: HTTPResponder {
    typealias Context = SiteContext

    /// By the first segment of the path.
    let faces: [String: any HTTPResponder<SiteContext>]
    let mode: OperatingMode
    let readiness: Readiness
    let page: MetricsPage
    let collection: CollectionDesk?
    private let load: RequestLoad

    init(
        faces: [String: any HTTPResponder<SiteContext>],
        mode: OperatingMode,
        readiness: Readiness,
        page: MetricsPage,
        collection: CollectionDesk?,
        requestLimit: Int
    ) {
        self.faces = faces
        self.mode = mode
        self.readiness = readiness
        self.page = page
        self.collection = collection
        load = RequestLoad(limit: requestLimit)
    }

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        let path = request.head.path ?? ""
        let segment = String(path.dropFirst().prefix { $0 != "/" && $0 != "?" })
        if path.hasPrefix(ModeSwitch.path) {
            return ModeSwitch(mode: mode, logger: context.logger).respond(to: request, context: context)
        }
        if path.hasPrefix(CollectionCalls.path), let collection {
            return await CollectionCalls(desk: collection, logger: context.logger)
                .respond(to: request, context: context)
        }
        if let face = faces[segment] {
            let isCounted = !RequestRoute(target: path).isPatient
            guard !isCounted || load.enter() else { return Self.overloaded }
            defer { if isCounted { load.leave() } }
            if mode.isReadOnly, let refusal = ReadOnlyRule.refusal(of: request.method, on: path) {
                return refusal
            }
            return try await face.respond(to: ContinuedBody.wrap(request, context: context), context: context)
        }
        // The probes are answered under any load: a server that is busy is not a server to be killed.
        switch path {
        case "/livez": return Self.text(.ok, "ok\n")
        case "/readyz": return await ready(context, forWriting: false)
        case "/readyz?write": return await ready(context, forWriting: true)
        case "/metrics": return Self.text(.ok, await page.text(), type: MetricsText.contentType)
        case "/": return Self.text(.ok, "Wharf. Images: /v2/  File trees: /cvmfs/\n")
        default: return Self.text(.notFound, "there is nothing here\n")
        }
    }

    private func ready(_ context: SiteContext, forWriting: Bool) async -> Response {
        let report = await readiness.report(forWriting: forWriting)
        if let cause = report.cause {
            context.logger.warning("not ready", metadata: [LogKey.error.name: "\(cause)"])
        }
        let lines = [report.isReady ? "ok" : "not ready"] + report.lines
        return Self.text(report.isReady ? .ok : .serviceUnavailable, lines.joined(separator: "\n") + "\n")
    }

    /// In the words of the registry, whose clients are those that try again.
    private static var overloaded: Response {
        let text =
            "{\"errors\":[{\"code\":\"UNAVAILABLE\",\"message\":\"the server is busy; try again in a moment\"}]}\n"
        return Response(
            status: .serviceUnavailable,
            headers: [.contentType: "application/json", .cacheControl: "no-store", .retryAfter: "1"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    private static func text(
        _ status: HTTPResponse.Status,
        _ text: String,
        type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
