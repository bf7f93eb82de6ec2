// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Several ranges of one content as `multipart/byteranges`, which podman needs to fetch only the files of a layer that it
/// lacks.
///
/// ```
/// --<boundary>\r\n
/// Content-Type: <the content's>\r\n
/// Content-Range: bytes <first>-<last>/<size>\r\n
/// \r\n
/// <bytes>\r\n
/// …
/// --<boundary>--\r\n
/// ```
/// - Source: RFC 9110, section 14.6.
struct MultipartRanges {
    /// Must not occur in the content at the start of a line; that it does by accident is as good as impossible, and nobody
    /// gains by it: a reader that trusts `Content-Length` and `Content-Range` never looks for it.
    private static let boundary = "wharf-3d6b6a416f9c47a1b1d4c8d0f2e5a7c9"

    private struct Part: Sendable {
        let head: ByteBuffer
        let range: Range<Int64>
    }

    private let content: any BlobContent
    private let parts: [Part]
    private let tail = ByteBuffer(string: "\r\n--\(boundary)--\r\n")

    init(_ ranges: [Range<Int64>], of content: any BlobContent, type: String?) {
        self.content = content
        parts = ranges.enumerated().map { number, range in
            var head = "\(number == 0 ? "" : "\r\n")--\(Self.boundary)\r\n"
            if let type { head += "Content-Type: \(type)\r\n" }
            head += "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.size)\r\n\r\n"
            return Part(head: ByteBuffer(string: head), range: range)
        }
    }

    func response(headers: HTTPFields) -> Response {
        var headers = headers
        headers[.contentType] = "multipart/byteranges; boundary=\(Self.boundary)"
        headers[.contentLength] = String(length)
        let body = ResponseBody(contentLength: length) { [content, parts, tail] writer in
            for part in parts {
                try await writer.write(part.head)
                for try await bytes in ContentPieces(content, part.range) { try await writer.write(bytes) }
            }
            try await writer.write(tail)
            try await writer.finish(nil)
        }
        return Response(status: .partialContent, headers: headers, body: body)
    }

    private var length: Int {
        parts.reduce(tail.readableBytes) { $0 + $1.head.readableBytes + $1.range.count }
    }
}
