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
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: manifest.bytes))
        )
    }

    func putManifest(_ name: RepositoryName, _ text: String) async throws -> Response {
        let reference = try Reference(text)
        let push = PushManifest.Push(
            repository: name,
            reference: reference,
            bytes: try await manifestBytes(),
            mediaType: request.headers[.contentType],
            tags: try extraTags()
        )
        let receipt = try await useCases.pushManifest(push)
        var headers: HTTPFields = [.location: Self.path(name, "manifests/\(receipt.digest)")]
        headers[.dockerContentDigest] = receipt.digest.description
        headers[.ociSubject] = receipt.subject?.description
        if !push.tags.isEmpty { headers[.ociTag] = push.tags.map(\.description).joined(separator: ", ") }
        return Response(status: .created, headers: headers)
    }

    func deleteManifest(_ name: RepositoryName, _ text: String) async throws -> Response {
        try await useCases.deleteContent.manifest(Reference(text), in: name)
        return Response(status: .accepted)
    }

    /// Reads the body up to one byte more than is allowed.
    private func manifestBytes() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in request.body {
            guard bytes.count + buffer.readableBytes <= useCases.manifestSizeLimitInBytes else {
                let limit = useCases.manifestSizeLimitInBytes
                throw OCIProblem(.manifestTooLarge, "the manifest has more than \(limit) bytes")
            }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
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
