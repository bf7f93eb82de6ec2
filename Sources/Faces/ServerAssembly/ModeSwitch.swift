// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Telemetry

/// The call by which the administrator of the machine makes a running registry read-only and back.
///
/// `GET` tells, `POST …?readOnly=true` and `…=false` switch. It answers on the server's own socket alone.
struct ModeSwitch {
    static let path = "/api/v2.0/wharf/mode"

    let mode: OperatingMode
    let logger: Logger

    func respond(to request: Request, context: SiteContext) -> Response {
        guard context.isLocalSocket else {
            return Self.json(.forbidden, "{\"detail\":\"this call answers on the server's own socket only\"}")
        }
        let target = RequestTarget(request.head.path ?? "")
        switch (request.method, target?.parameter("readOnly")) {
        case (.get, nil): break
        case (.post, "true"): change(to: true)
        case (.post, "false"): change(to: false)
        default:
            return Self.json(.badRequest, "{\"detail\":\"POST needs readOnly=true or readOnly=false\"}")
        }
        return Self.json(.ok, "{\"readOnly\":\(mode.isReadOnly)}")
    }

    private func change(to isReadOnly: Bool) {
        mode.isReadOnly = isReadOnly
        logger.notice("mode changed", metadata: [LogKey.readOnly.name: .stringConvertible(isReadOnly)])
    }

    private static func json(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n"))
        )
    }
}
