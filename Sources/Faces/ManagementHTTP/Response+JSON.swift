// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import HTTPTypes
internal import Hummingbird

extension Response {
    /// An answer in JSON.
    static func json(_ value: some Encodable) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            // Only values that JSON has no form for fail, and there are none.
            return problem(.internalServerError, "the answer cannot be written")
        }
        return answer(.ok, type: "application/json", data)
    }

    /// An error as problem details.
    ///
    /// - Source: RFC 9457.
    static func problem(_ status: HTTPResponse.Status, _ detail: String) -> Response {
        let members = ["title": status.reasonPhrase, "detail": detail]
        let data = (try? JSONEncoder().encode(members)) ?? Data()
        return answer(status, type: "application/problem+json", data)
    }

    private static func answer(_ status: HTTPResponse.Status, type: String, _ body: Data) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
