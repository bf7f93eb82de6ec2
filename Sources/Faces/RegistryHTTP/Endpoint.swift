// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import OCISpec

/// A route together with what is to be done there.
enum Endpoint {
    case ping
    case listRepositories
    case listTags(RepositoryName)
    case listReferrers(RepositoryName, digest: String)
    case getManifest(RepositoryName, reference: String)
    case putManifest(RepositoryName, reference: String)
    case deleteManifest(RepositoryName, reference: String)
    case getBlob(RepositoryName, digest: String)
    case deleteBlob(RepositoryName, digest: String)
    case startUpload(RepositoryName)
    case getUpload(RepositoryName, id: String)
    case appendToUpload(RepositoryName, id: String)
    case finishUpload(RepositoryName, id: String)
    case cancelUpload(RepositoryName, id: String)

    /// `nil` if the route does not have the method.
    init?(route: RegistryRoute, method: HTTPRequest.Method) {
        switch (route, method) {
        case (.ping, .get), (.ping, .head): self = .ping
        case (.catalog, .get), (.catalog, .head): self = .listRepositories
        case (.tags(let name), .get), (.tags(let name), .head): self = .listTags(name)
        case (.referrers(let name, let digest), .get), (.referrers(let name, let digest), .head):
            self = .listReferrers(name, digest: digest)
        case (.manifest(let name, let reference), .get), (.manifest(let name, let reference), .head):
            self = .getManifest(name, reference: reference)
        case (.manifest(let name, let reference), .put): self = .putManifest(name, reference: reference)
        case (.manifest(let name, let reference), .delete): self = .deleteManifest(name, reference: reference)
        case (.blob(let name, let digest), .get), (.blob(let name, let digest), .head):
            self = .getBlob(name, digest: digest)
        case (.blob(let name, let digest), .delete): self = .deleteBlob(name, digest: digest)
        case (.uploads(let name), .post): self = .startUpload(name)
        case (.upload(let name, let id), .get), (.upload(let name, let id), .head):
            self = .getUpload(name, id: id)
        case (.upload(let name, let id), .patch): self = .appendToUpload(name, id: id)
        case (.upload(let name, let id), .put): self = .finishUpload(name, id: id)
        case (.upload(let name, let id), .delete): self = .cancelUpload(name, id: id)
        default: return nil
        }
    }

    /// The methods that a route has.
    static func methods(of route: RegistryRoute) -> [HTTPRequest.Method] {
        [.get, .head, .post, .put, .patch, .delete].filter { Endpoint(route: route, method: $0) != nil }
    }

    /// Whether the endpoint changes anything, so that not everyone may use it.
    var changes: Bool {
        switch self {
        case .ping, .listRepositories, .listTags, .listReferrers, .getManifest, .getBlob, .getUpload: false
        case .putManifest, .deleteManifest, .deleteBlob, .startUpload, .appendToUpload, .finishUpload,
            .cancelUpload:
            true
        }
    }
}
