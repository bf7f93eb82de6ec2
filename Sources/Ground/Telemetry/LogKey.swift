// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The keys of structured log lines, each with one meaning wherever it stands.
///
/// `docs/operations/log-keys.md` is made from this list.
package enum LogKey: String, CaseIterable, Sendable {
    case blobDigest = "blob.digest"
    case clientAddress = "client.address"
    case clock = "clock"
    case error = "error"
    case filePath = "path"
    case collectionFreed = "collection.freed"
    case collectionRemoved = "collection.removed"
    case collectionSubject = "collection.subject"
    case connectionLimit = "limits.connections"
    case httpMethod = "http.method"
    case httpPath = "http.path"
    case httpRoute = "http.route"
    case httpStatus = "http.status"
    case imageTag = "image.tag"
    case requestOutcome = "request.outcome"
    case readOnly = "registry.readOnly"
    case receivedBytes = "request.bytes"
    case repositoryName = "repository.name"
    case repositoryTimestamp = "repository.timestamp"
    case requestDuration = "request.seconds"
    case requestID = "request.id"
    case sentBytes = "response.bytes"
    case serverName = "server.name"
    case serverNameOld = "server.name.old"
    case tlsCertificate = "tls.certificate"
    case uploadCount = "upload.count"
    case userAgent = "http.userAgent"
    case userName = "user.name"
    case whitelistExpiry = "whitelist.expiry"

    /// The key as it is written.
    package var name: String { rawValue }

    /// What the value says.
    package var meaning: String {
        switch self {
        case .blobDigest: "the digest of a blob"
        case .clientAddress:
            "the numeric address at the other end of the connection: a proxy's, if there is one"
        case .clock: "the machine's clock, seconds since 1970"
        case .error: "what went wrong, with its causes"
        case .filePath: "a file or socket of the server"
        case .collectionFreed: "bytes of what the garbage collection has removed"
        case .collectionRemoved: "how much of what the garbage collection has removed"
        case .collectionSubject: "what is collected: the registry, or a published repository"
        case .connectionLimit: "how many clients can be connected at once"
        case .httpMethod: "the method of a request"
        case .httpPath: "the path of a request as it was sent, without its query"
        case .httpRoute: "the pattern that the path of a request follows"
        case .httpStatus: "the status of the answer"
        case .imageTag: "the tag of an image"
        case .requestOutcome: "`cut` if the connection ended before the answer was sent"
        case .readOnly: "whether pushes and deletions are refused"
        case .receivedBytes: "bytes of the request's body that were read"
        case .repositoryName: "a repository, of images or of files"
        case .repositoryTimestamp: "when a repository says it was published, seconds since 1970"
        case .requestDuration: "seconds from the head of a request to the last byte of the answer"
        case .requestID: "the number of a request, which the answer repeats as X-Request-Id"
        case .sentBytes: "bytes of the answer's body"
        case .serverName: "the name under which images are published"
        case .serverNameOld: "the name before it was changed"
        case .tlsCertificate: "the file of the certificate"
        case .uploadCount: "how many uploads"
        case .userAgent: "what a client calls itself"
        case .userName: "the name that somebody logs in with"
        case .whitelistExpiry: "when a repository's whitelist ends"
        }
    }
}
