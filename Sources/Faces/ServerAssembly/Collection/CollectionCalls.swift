// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GarbageCollection
internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import MetadataStore
internal import NIOCore
internal import Problems
internal import Synchronization
internal import Telemetry

/// The calls behind `wharf admin gc` and `wharf repo gc` when a server runs on the data directory.
///
/// ```
/// GET  /api/v2.0/wharf/collection                          the run that is under way, and those before
/// POST /api/v2.0/wharf/collection?subject=S&dryRun=true    runs over a subject, or all, and answers when that is done
/// ```
/// They answer on the server's own socket alone.
struct CollectionCalls {
    static let path = "/api/v2.0/wharf/collection"

    let desk: CollectionDesk
    let logger: Logger

    func respond(to request: Request, context: SiteContext) async -> Response {
        guard context.isLocalSocket else {
            return Self.refusal(.forbidden, "this call answers on the server's own socket only")
        }
        let target = RequestTarget(request.head.path ?? "")
        do {
            switch request.method {
            case .get:
                let state = try await DeepThread.run(named: "collection") { [desk] in try desk.overview() }
                return try Self.json(state)
            case .post:
                let subject = target?.parameter("subject")
                let isDryRun = target?.parameter("dryRun") == "true"
                let report = try await DeepThread.run(named: "collection", givingWay: true) {
                    [desk, logger] in
                    try CollectionReport.make(subject, isDryRun: isDryRun, at: desk, logger: logger)
                }
                return try Self.json(report)
            default: return Self.refusal(.methodNotAllowed, "this call takes GET and POST")
            }
        } catch let problem as any Problem {
            return Self.refusal(.unprocessableContent, problem.description)
        } catch {
            logger.error("garbage collection failed", metadata: [LogKey.error.name: "\(error)"])
            return Self.refusal(.internalServerError, "the server could not do it; its log says why")
        }
    }

    private static func refusal(_ status: HTTPResponse.Status, _ detail: String) -> Response {
        // A string always has a JSON form.
        let body = (try? JSONEncoder().encode(["detail": detail])) ?? Data()
        return response(status, body)
    }

    private static func json(_ value: some Encodable) throws -> Response {
        response(.ok, try JSONEncoder().encode(value))
    }

    private static func response(_ status: HTTPResponse.Status, _ body: Data) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
