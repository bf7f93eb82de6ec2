// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import Digests
package import HTTPDelivery
internal import HTTPTypes
package import Hummingbird
internal import Logging
package import NIOPosix

/// Everything below `/cvmfs`: the repositories' files, exactly as they lie in their directories, but the manifest from
/// where it is swapped.
///
/// Answers carry no content encoding, since clients verify the stored bytes; there are no listings. An error below `data/`
/// must not be kept by a cache, for the object may be there a moment later. Below `.wharf/` clients hear of new revisions.
/// - Source: cvmfs-format G.4.
package struct RepositoryResponder: HTTPResponder {
    package typealias Context = SiteContext

    private let directory: String
    private let manifests: any PublishedManifestSource
    private let notices: NoticeResponder
    private let files: PlainFiles

    /// Serves the subdirectories of `directory`; calls that block run on `threads`.
    package init(
        directory: String,
        manifests: any PublishedManifestSource,
        notices: NoticeResponder,
        threads: NIOThreadPool
    ) {
        self.directory = directory
        self.manifests = manifests
        self.notices = notices
        files = PlainFiles(threads: threads)
    }

    package func respond(to request: Request, context: SiteContext) async throws -> Response {
        guard Self.isReading(request) else { return Self.answerOfNothing(to: request) }
        guard let target = request.head.path.flatMap({ RequestTarget($0) }), target.segments.count >= 3,
            RepositoryDirectoryName.isValid(target.segments[1])
        else { return Self.refusal(.notFound) }
        let repository = target.segments[1]
        do {
            if NoticePath.isWritten(in: request.head.path),
                let path = NoticePath(segments: target.segments[2...])
            {
                return try await notices.respond(to: path, of: repository, request, target, context)
                    ?? Self.refusal(.notFound)
            }
            guard let path = RepositoryPath(segments: target.segments[2...]) else {
                return Self.refusal(.notFound)
            }
            return try await serve(path, of: repository, request, context)
        } catch {
            context.logger.error(
                "serving a repository failed",
                metadata: ["repository.name": "\(repository)", "error": "\(error)"]
            )
            return Self.refusal(.internalServerError)
        }
    }

    private func serve(
        _ path: RepositoryPath,
        of repository: String,
        _ request: Request,
        _ context: SiteContext
    ) async throws -> Response {
        if path == .manifest {
            guard let bytes = try await manifests.manifest(of: repository) else {
                return Self.refusal(.notFound)
            }
            return Self.manifest(bytes, path, request)
        }
        guard let file = try await files.open("\(directory)/\(repository)/\(path.file)") else {
            return Self.refusal(.notFound)
        }
        let description = BlobDelivery.Description(
            entityTag: Self.entityTag(path, file),
            lastModified: HTTPDate.text(secondsSince1970: file.modified),
            headers: [.contentType: path.contentType, .cacheControl: path.cacheControl]
        )
        if request.method == .head { return BlobDelivery().head(request, description, size: file.size) }
        return await BlobDelivery().get(request, description, content: file, context: context)
    }

    private static func manifest(_ bytes: [UInt8], _ path: RepositoryPath, _ request: Request) -> Response {
        var headers = manifestHeaders(bytes)
        headers[.cacheControl] = path.cacheControl
        if isKnown(headers[.eTag] ?? "", date: headers[.lastModified], request) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = path.contentType
        guard request.method == .get else {
            let body = ResponseBody(contentLength: bytes.count) { writer in try await writer.finish(nil) }
            return Response(status: .ok, headers: headers, body: body)
        }
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// What tells one signed manifest from another.
    static func manifestHeaders(_ letter: [UInt8]) -> HTTPFields {
        let tag = Hexadecimal.text(of: IncrementalDigest.digest(.sha256, of: letter).prefix(16))
        var headers: HTTPFields = [.eTag: "\"\(tag)\""]
        if let date = SignedLine.read("T", of: letter).flatMap({ Int64($0) }) {
            headers[.lastModified] = HTTPDate.text(secondsSince1970: date)
        }
        return headers
    }

    private static func isKnown(_ tag: String, date: String?, _ request: Request) -> Bool {
        if let tags = request.headers[.ifNoneMatch] {
            return EntityTag.list(tags, names: String(tag.dropFirst().dropLast()))
        }
        guard let known = request.headers[.ifModifiedSince], let date else { return false }
        return known == date
    }

    /// An object's name says what is in it; other files are told apart by time and size.
    private static func entityTag(_ path: RepositoryPath, _ file: PlainFile) -> String {
        if case .object(let shard, let name) = path { return shard + name }
        return "\(file.modified)-\(file.size)"
    }

    private static func isReading(_ request: Request) -> Bool {
        request.method == .get || request.method == .head
    }

    /// What is answered where there is no repository.
    package static func answerOfNothing(to request: Request) -> Response {
        isReading(request)
            ? refusal(.notFound) : refusal(.methodNotAllowed, headers: [.allow: "GET, HEAD"])
    }

    static func refusal(_ status: HTTPResponse.Status, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.cacheControl] = "no-store"
        headers[.contentType] = "text/plain; charset=utf-8"
        let body = ResponseBody(byteBuffer: ByteBuffer(string: "\(status.code) \(status.reasonPhrase)\n"))
        return Response(status: status, headers: headers, body: body)
    }
}
