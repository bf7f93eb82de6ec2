// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import OCISpec

/// One request on its way to its answer.
///
/// The endpoints are in the extensions, by what they are about.
struct Exchange {
    let request: Request
    let target: RequestTarget
    let useCases: RegistryUseCases
    let context: SiteContext
    let visitor: Visitor
    let reception: Reception

    func respond(_ endpoint: Endpoint) async throws -> Response {
        switch endpoint {
        case .ping: Self.json("{}")
        case .listRepositories: try await listRepositories()
        case .listTags(let name): try await listTags(name)
        case .listReferrers(let name, let digest): try await listReferrers(name, digest)
        case .getManifest(let name, let reference): try await getManifest(name, reference)
        case .putManifest(let name, let reference): try await putManifest(name, reference)
        case .deleteManifest(let name, let reference): try await deleteManifest(name, reference)
        case .getBlob(let name, let digest): try await getBlob(name, digest)
        case .deleteBlob(let name, let digest): try await deleteBlob(name, digest)
        case .startUpload(let name): try await startUpload(name)
        case .getUpload(let name, let id): try await getUpload(name, id)
        case .appendToUpload(let name, let id): try await appendToUpload(name, id)
        case .finishUpload(let name, let id): try await finishUpload(name, id)
        case .cancelUpload(let name, let id): try await cancelUpload(name, id)
        }
    }

    static func json(_ text: String, contentType: String = "application/json") -> Response {
        Response(
            status: .ok,
            headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    static func digest(_ text: String) throws -> OCIDigest {
        guard let digest = OCIDigest(text) else {
            throw RegistryError(.digestInvalid, "the digest is malformed or its algorithm is not supported")
                .thrown
        }
        return digest
    }

    /// The path of something in a repository, as a relative URL.
    ///
    /// Names, digests and tags need no encoding.
    static func path(_ name: RepositoryName, _ rest: String) -> String { "/v2/\(name)/\(rest)" }
}
