// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
package import Hummingbird
internal import NIOCore
internal import NIOHTTPTypes

/// The body of a request whose client waits for `100 Continue`, which is sent when somebody begins to read the body, and so
/// only once the request has been admitted.
///
/// A request that is refused gets its final answer instead, and the client need not send its gigabytes for nothing.
/// - Source: RFC 9110, section 10.1.1.
package struct ContinuedBody: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer

    private let body: RequestBody
    private let channel: any Channel

    /// The request itself, or one with such a body.
    package static func wrap(_ request: Request, context: SiteContext) -> Request {
        guard isExpected(by: request.headers) else { return request }
        var request = request
        request.body = RequestBody(
            asyncSequence: ContinuedBody(body: request.body, channel: context.channel)
        )
        return request
    }

    static func isExpected(by headers: HTTPFields) -> Bool {
        headers[.expect]?.lowercased() == "100-continue"
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(rest: body.makeAsyncIterator(), channel: channel)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var rest: RequestBody.AsyncIterator
        fileprivate var channel: (any Channel)?

        @concurrent package mutating func next() async throws -> ByteBuffer? {
            if let channel {
                self.channel = nil
                // If the connection is gone, the read that follows tells.
                channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)), promise: nil)
            }
            return try await rest.next()
        }
    }
}
