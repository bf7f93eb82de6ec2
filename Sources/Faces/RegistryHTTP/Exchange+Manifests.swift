// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import MetadataStore
internal import NIOCore
internal import OCISpec
internal import RegistryService

extension Exchange {
    func getManifest(_ name: RepositoryName, _ text: String) async throws -> Response {
        let reference = try Reference(text)
        let manifest = try await useCases.pullManifest(reference, in: name)
        let digest = manifest.digest.description
        var headers: HTTPFields = [.contentType: manifest.mediaType]
        headers[.dockerContentDigest] = digest
        headers[.eTag] = "\"\(digest)\""
        if case .digest = reference { headers[.cacheControl] = "max-age=31536000, immutable" }
        if let tags = request.headers[.ifNoneMatch], EntityTag.list(tags, names: digest) {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        let body =
            request.method == .head
            ? ResponseBody(contentLength: manifest.bytes.count) { writer in try await writer.finish(nil) }
            : ResponseBody(byteBuffer: ByteBuffer(bytes: manifest.bytes))
        return Response(status: .ok, headers: headers, body: body)
    }

    func putManifest(_ name: RepositoryName, _ text: String) async throws -> Response {
        let reference = try Reference(text)
        let push = PushManifest.Push(
            repository: name,
            reference: reference,
            bytes: try await manifestBytes(),
            mediaType: request.headers[.contentType],
            tags: try extraTags(),
            condition: condition(),
            actor: visitor.actor
        )
        let receipt = try await useCases.pushManifest(push)
        var headers: HTTPFields = [.location: Self.path(name, "manifests/\(receipt.digest)")]
        headers[.dockerContentDigest] = receipt.digest.description
        headers[.ociSubject] = receipt.subject?.description
        if let warning = Self.warning(about: receipt.mediaType) { headers[.warning] = warning }
        if !push.tags.isEmpty { headers[.ociTag] = push.tags.map(\.description).joined(separator: ", ") }
        return Response(status: .created, headers: headers)
    }

    func deleteManifest(_ name: RepositoryName, _ text: String) async throws -> Response {
        try await useCases.deleteContent.manifest(
            Reference(text),
            in: name,
            condition: condition(),
            by: visitor.actor
        )
        return Response(status: .accepted)
    }

    /// `If-Match` and `If-None-Match` of a change: by them a client moves a tag only if nobody else has.
    ///
    /// - Source: RFC 9110, sections 13.1.1 and 13.1.2.
    private func condition() -> ContentCondition? {
        let (match, noneMatch) = (request.headers[.ifMatch], request.headers[.ifNoneMatch])
        guard match != nil || noneMatch != nil else { return nil }
        return ContentCondition { current in
            guard let current else { return match == nil }
            return (match.map { EntityTag.list($0, names: current.description) } ?? true)
                && !(noneMatch.map { EntityTag.list($0, names: current.description) } ?? false)
        }
    }

    /// Reads the body, of which no more than the limit is ever kept.
    private func manifestBytes() async throws -> [UInt8] {
        let limit = useCases.manifestSizeLimitInBytes
        let tooLarge = OCIProblem(.manifestTooLarge, "the manifest has more than \(limit) bytes")
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard length <= limit else { throw tooLarge }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        for try await buffer in request.body {
            guard bytes.count + buffer.readableBytes <= limit else { throw tooLarge }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }

    /// A remark for people about what they have pushed.
    ///
    /// - Source: OCI distribution specification 1.1, "Warnings".
    private static func warning(about mediaType: String) -> String? {
        guard mediaType == MediaType.ociArtifact else { return nil }
        return
            "299 - \"\(mediaType) was withdrawn before OCI 1.1; newer tools push artifacts as image manifests\""
    }

    /// The tags of `?tag=a&tag=b`.
    private func extraTags() throws -> [TagName] {
        let texts = target.parameters("tag")
        guard texts.count <= 32 else {
            throw RegistryError(.tagInvalid, "more than 32 tags", status: 414).thrown
        }
        return try texts.map { text in
            guard let tag = TagName(text) else { throw OCIProblem(.invalidTag, "a tag breaks the grammar") }
            return tag
        }
    }
}
