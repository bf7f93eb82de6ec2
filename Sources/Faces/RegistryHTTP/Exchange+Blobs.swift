// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import Digests
internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import OCISpec
internal import RegistryService

extension Exchange {
    func getBlob(_ name: RepositoryName, _ text: String) async throws -> Response {
        let digest = try Self.digest(text)
        var headers: HTTPFields = [.contentType: "application/octet-stream"]
        headers[.dockerContentDigest] = digest.description
        headers[.cacheControl] = "max-age=31536000, immutable"
        let description = BlobDelivery.Description(entityTag: digest.description, headers: headers)
        if request.method == .head {
            return BlobDelivery().head(
                request,
                description,
                size: try await useCases.pullBlob.size(of: digest, in: name)
            )
        }
        let content = try await useCases.pullBlob.open(digest, in: name)
        return await BlobDelivery().get(request, description, content: content, context: context)
    }

    func deleteBlob(_ name: RepositoryName, _ text: String) async throws -> Response {
        try await useCases.deleteContent.blob(Self.digest(text), in: name, by: visitor.actor)
        return Response(status: .accepted)
    }

    // MARK: Uploads

    func startUpload(_ name: RepositoryName) async throws -> Response {
        if let text = target.parameter("mount") {
            let source = target.parameter("from").map { RepositoryName($0) }
            // A source that is no name cannot be mounted from, which is answered like a source without the blob.
            if let digest = OCIDigest(text), source != .some(nil),
                try await useCases.mountBlob(
                    digest,
                    from: source ?? nil,
                    to: name,
                    mayPull: { [reception, visitor] in try await reception.mayPull(visitor, $0) }
                )
            {
                return Self.blobCreated(digest, in: name)
            }
        }
        let announced = try target.parameter("digest-algorithm").map { try Self.algorithm($0) }
        // Read before the upload is opened, so that a bad one leaves nothing behind.
        let digest = try target.parameter("digest").map { try Self.digest($0) }
        let id = try await useCases.uploadBlob.start(
            in: name,
            algorithm: digest?.algorithm ?? announced ?? .sha256
        )
        guard let digest else { return Self.uploadAccepted(id, offset: 0, in: name) }
        do {
            try await useCases.uploadBlob.finish(
                id,
                with: request.body,
                as: piece(),
                digest: digest,
                in: name
            )
        } catch {
            // Nobody knows the upload's name, so nobody can go on with it. A wrong digest has ended it already.
            try? await useCases.uploadBlob.cancel(id, in: name)
            throw error
        }
        return Self.blobCreated(digest, in: name)
    }

    func getUpload(_ name: RepositoryName, _ text: String) async throws -> Response {
        let id = try Self.uploadID(text)
        let offset = try await useCases.uploadBlob.offset(of: id, in: name)
        return Response(status: .noContent, headers: Self.uploadHeaders(id, offset: offset, in: name))
    }

    func appendToUpload(_ name: RepositoryName, _ text: String) async throws -> Response {
        let id = try Self.uploadID(text)
        return try await withOffset(id, name) {
            let offset = try await useCases.uploadBlob.append(request.body, as: piece(), to: id, in: name)
            return Self.uploadAccepted(id, offset: offset, in: name)
        }
    }

    func finishUpload(_ name: RepositoryName, _ text: String) async throws -> Response {
        let id = try Self.uploadID(text)
        guard let digestText = target.parameter("digest") else {
            throw RegistryError(.digestInvalid, "the parameter digest is missing").thrown
        }
        let digest = try Self.digest(digestText)
        return try await withOffset(id, name) {
            try await useCases.uploadBlob.finish(
                id,
                with: request.body,
                as: piece(),
                digest: digest,
                in: name
            )
            return Self.blobCreated(digest, in: name)
        }
    }

    func cancelUpload(_ name: RepositoryName, _ text: String) async throws -> Response {
        try await useCases.uploadBlob.cancel(Self.uploadID(text), in: name)
        return Response(status: .noContent)
    }

    /// A client whose piece belongs elsewhere is told where the upload stands and how to go on.
    private func withOffset(
        _ id: UploadID,
        _ name: RepositoryName,
        _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await body()
        } catch let problem as RegistryProblem where problem.code == .uploadOffset {
            var response = RegistryError(problem).response()
            for field in Self.uploadHeaders(id, offset: problem.offset ?? 0, in: name) {
                response.headers[field.name] = field.value
            }
            return response
        }
    }

    private func piece() throws -> UploadBlob.Piece {
        var piece = UploadBlob.Piece(lengthInBytes: request.headers[.contentLength].flatMap { Int64($0) })
        if let header = request.headers[.contentRange] {
            guard let range = UploadRange(header: header) else {
                throw RegistryError(.rangeInvalid, "Content-Range is not <start>-<end>").thrown
            }
            piece.range = range
        }
        return piece
    }

    private static func algorithm(_ name: String) throws -> DigestAlgorithm {
        guard let algorithm = DigestAlgorithm(rawValue: name), algorithm == .sha256 || algorithm == .sha512
        else {
            throw RegistryError(.digestInvalid, "the digest algorithm is not supported").thrown
        }
        return algorithm
    }

    private static func uploadID(_ text: String) throws -> UploadID {
        guard let id = UploadID(text) else { throw RegistryError(.blobUploadUnknown).thrown }
        return id
    }

    private static func uploadHeaders(_ id: UploadID, offset: Int64, in name: RepositoryName) -> HTTPFields {
        var headers: HTTPFields = [.location: path(name, "blobs/uploads/\(id)"), .range: uploadRange(offset)]
        headers[.dockerUploadUUID] = id.description
        return headers
    }

    /// Both ends are inclusive, so that nothing is written as one byte; so do all registries.
    static func uploadRange(_ offset: Int64) -> String { "0-\(max(0, offset - 1))" }

    private static func uploadAccepted(_ id: UploadID, offset: Int64, in name: RepositoryName) -> Response {
        Response(status: .accepted, headers: uploadHeaders(id, offset: offset, in: name))
    }

    private static func blobCreated(_ digest: OCIDigest, in name: RepositoryName) -> Response {
        var headers: HTTPFields = [.location: path(name, "blobs/\(digest)")]
        headers[.dockerContentDigest] = digest.description
        return Response(status: .created, headers: headers)
    }
}
