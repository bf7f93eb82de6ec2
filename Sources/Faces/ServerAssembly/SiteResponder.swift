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

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        let path = request.head.path ?? ""
        let segment = path.dropFirst().prefix { $0 != "/" && $0 != "?" }
        if let face = faces[String(segment)] { return try await face.respond(to: request, context: context) }
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

    private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
