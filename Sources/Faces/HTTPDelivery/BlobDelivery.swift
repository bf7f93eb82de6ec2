// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
package import HTTPTypes
package import Hummingbird
internal import OCISpec

/// Answers GET and HEAD for a content that does not change while it is sent: conditions, ranges, and the bytes themselves
/// by the kernel where it can, else in pieces of 1 MiB.
package struct BlobDelivery: Sendable {
    package init() {}

    /// What is known of the content beside its bytes.
    package struct Description: Sendable {
        /// Without quotes.
        package var entityTag: String
        /// As an HTTP date.
        package var lastModified: String?
        /// Sent with every answer that succeeds, also 304.
        package var headers: HTTPFields

        /// Joins the parts.
        package init(entityTag: String, lastModified: String? = nil, headers: HTTPFields) {
            self.entityTag = entityTag
            self.lastModified = lastModified
            self.headers = headers
        }
    }

    /// What to do for a request.
    enum Plan: Equatable {
        case notModified
        case unsatisfiable
        case whole
        case part(Range<Int64>)
        case parts([Range<Int64>])
    }

    /// The answer to a HEAD request, for which the content need not be open.
    package func head(_ request: Request, _ description: Description, size: Int64) -> Response {
        if Self.isNotModified(request, description) { return notModified(description) }
        var headers = self.headers(description)
        headers[.contentLength] = String(size)
        return Response(status: .ok, headers: headers, body: Self.emptyBody(size: size))
    }

    /// The answer to a GET request.
    package func get(
        _ request: Request,
        _ description: Description,
        content: any BlobContent,
        context: SiteContext
    ) async -> Response {
        var headers = self.headers(description)
        switch Self.plan(request, description, size: content.size) {
        case .notModified:
            return notModified(description)
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(content.size)"
            headers[.cacheControl] = "no-store"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        case .whole:
            return await send(content, 0..<content.size, status: .ok, headers: headers, context)
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.size)"
            return await send(content, range, status: .partialContent, headers: headers, context)
        case .parts(let ranges):
            return MultipartRanges(ranges, of: content, type: headers[.contentType]).response(
                headers: headers
            )
        }
    }

    static func plan(_ request: Request, _ description: Description, size: Int64) -> Plan {
        if isNotModified(request, description) { return .notModified }
        guard let header = request.headers[.range], let ranges = ByteRangeSet(header: header) else {
            return .whole
        }
        if let condition = request.headers[.ifRange] {
            let holds =
                condition == description.lastModified
                || EntityTag.list(condition, names: description.entityTag)
            guard holds else { return .whole }
        }
        switch ranges.resolved(size: size) {
        case .unsatisfiable: return .unsatisfiable
        case .whole: return .whole
        case .one(let range): return .part(range)
        case .several(let ranges): return .parts(ranges)
        }
    }

    private static func isNotModified(_ request: Request, _ description: Description) -> Bool {
        if let tags = request.headers[.ifNoneMatch] {
            return EntityTag.list(tags, names: description.entityTag)
        }
        // The date is compared as text: clients send back what they were given, and another date only costs a transfer.
        guard let date = request.headers[.ifModifiedSince], let modified = description.lastModified else {
            return false
        }
        return date == modified
    }

    private func headers(_ description: Description) -> HTTPFields {
        var headers = description.headers
        headers[.eTag] = "\"\(description.entityTag)\""
        headers[.acceptRanges] = "bytes"
        headers[.lastModified] = description.lastModified
        return headers
    }

    private func notModified(_ description: Description) -> Response {
        var headers = headers(description)
        headers[.contentType] = nil
        return Response(status: .notModified, headers: headers)
    }

    /// A body that says its length and sends nothing, for HEAD.
    private static func emptyBody(size: Int64) -> ResponseBody {
        ResponseBody(contentLength: Int(size)) { writer in try await writer.finish(nil) }
    }

    private func send(
        _ content: any BlobContent,
        _ range: Range<Int64>,
        status: HTTPResponse.Status,
        headers: HTTPFields,
        _ context: SiteContext
    ) async -> Response {
        var headers = headers
        let length = Int(range.upperBound - range.lowerBound)
        headers[.contentLength] = String(length)
        if length > 0, let ticket = FileRegionTicket(content, range: range),
            await ticket.leave(with: context.channel)
        {
            if let name = HTTPField.Name(FileRegionHandler.header) { headers[name] = String(ticket.number) }
            let body = ResponseBody(contentLength: length) { writer in try await writer.finish(nil) }
            return Response(status: status, headers: headers, body: body)
        }
        let body = ResponseBody(contentLength: length) { writer in
            for try await bytes in ContentPieces(content, range) { try await writer.write(bytes) }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }
}
