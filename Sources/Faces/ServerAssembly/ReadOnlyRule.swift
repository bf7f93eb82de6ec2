// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird

/// What a read-only server refuses: every change of images and of published trees, and nothing else.
///
/// Tokens are still issued, since pulls need them. 503 with Retry-After tells clients that pushing works again later.
enum ReadOnlyRule {
    private static let guarded: Set = ["v2", "api"]

    /// The answer to a request that would change something; `nil` for all others.
    static func refusal(of method: HTTPRequest.Method, under segment: String) -> Response? {
        guard guarded.contains(segment), method != .get, method != .head, method != .options else {
            return nil
        }
        let message = "the registry is read-only at the moment"
        let isRegistry = segment == "v2"
        let body =
            isRegistry
            ? "{\"errors\":[{\"code\":\"UNAVAILABLE\",\"message\":\"\(message)\"}]}\n"
            : "{\"type\":\"about:blank\",\"title\":\"read-only\",\"status\":503,\"detail\":\"\(message)\"}\n"
        let headers: HTTPFields = [
            .contentType: isRegistry ? "application/json" : "application/problem+json",
            .cacheControl: "no-store",
            .retryAfter: "30",
        ]
        return Response(
            status: .serviceUnavailable,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }
}
