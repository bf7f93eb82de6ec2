// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import MetadataStore

/// Sends each request to the face that owns the first part of its path, and answers the probes itself.
struct SiteResponder: HTTPResponder {
    typealias Context = SiteContext

    /// By the first segment of the path.
    let faces: [String: any HTTPResponder<SiteContext>]
    let metadata: any MetadataStore
    /// More to say when the server is ready.
    let report: @Sendable () -> String
    private let load: RequestLoad

    init(
        faces: [String: any HTTPResponder<SiteContext>],
        metadata: any MetadataStore,
        report: @escaping @Sendable () -> String,
        requestLimit: Int
    ) {
        self.faces = faces
        self.metadata = metadata
        self.report = report
        load = RequestLoad(limit: requestLimit)
    }

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        let path = request.head.path ?? ""
        let segment = path.dropFirst().prefix { $0 != "/" && $0 != "?" }
        if let face = faces[String(segment)] {
            guard load.enter() else { return Self.overloaded }
            defer { load.leave() }
            return try await face.respond(to: ContinuedBody.wrap(request, context: context), context: context)
        }
        // The probes are answered under any load: a server that is busy is not a server to be killed.
        switch path {
        case "/livez": return Self.text(.ok, "ok\n")
        case "/readyz": return await ready(context)
        case "/": return Self.text(.ok, "Wharf. Images: /v2/  File trees: /cvmfs/\n")
        default: return Self.text(.notFound, "there is nothing here\n")
        }
    }

    private func ready(_ context: SiteContext) async -> Response {
        do {
            _ = try await metadata.read { try $0.setting("server.name") }
            return Self.text(.ok, "ok\n" + report())
        } catch {
            context.logger.warning("not ready", metadata: ["error": "\(error)"])
            return Self.text(.serviceUnavailable, "the database does not answer\n")
        }
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

    private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
