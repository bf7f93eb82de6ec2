// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import HTTPDelivery
internal import OCISpec

/// What an endpoint needs of whoever asks.
enum AccessNeed {
    /// Any account, or any token.
    case presence
    case catalog
    /// Actions on a repository; `alsoPull` names another one that a mount reads from.
    case repository(RepositoryName, RepositoryActions, alsoPull: RepositoryName?)

    /// The scopes to ask a token for, as a challenge names them.
    var scopes: [TokenScope] {
        switch self {
        case .presence: []
        case .catalog: [TokenScope(.catalog, .pull)]
        case .repository(let name, let actions, let other):
            [TokenScope(.repository(name), actions.contains(.push) ? [.pull, .push] : actions)]
                + (other.map { [TokenScope(.repository($0), .pull)] } ?? [])
        }
    }
}

extension Endpoint {
    /// What is needed to use the endpoint.
    ///
    /// - Source: Docker registry API, "token scopes"; cancelling an upload takes the right to upload, as those who cancel
    ///   have no other.
    func need(_ target: RequestTarget) -> AccessNeed {
        switch self {
        case .ping: .presence
        case .listRepositories: .catalog
        case .listTags(let name), .listReferrers(let name, _), .getManifest(let name, _),
            .getBlob(let name, _):
            .repository(name, .pull, alsoPull: nil)
        case .startUpload(let name):
            .repository(name, .push, alsoPull: target.parameter("from").flatMap { RepositoryName($0) })
        case .putManifest(let name, _), .getUpload(let name, _), .appendToUpload(let name, _),
            .finishUpload(let name, _), .cancelUpload(let name, _):
            .repository(name, .push, alsoPull: nil)
        case .deleteManifest(let name, _), .deleteBlob(let name, _):
            .repository(name, .delete, alsoPull: nil)
        }
    }
}
