// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// Why a repository, or a part of it, cannot be read.
///
/// The code names the link of the chain of trust that failed.
package struct ReaderProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        /// No server delivered the file.
        case unreachable = "server-unreachable"
        /// The server has no such file.
        case missing = "object-missing"
        /// A file has another content than its name or its signature says.
        case corrupt = "object-corrupt"
        /// No configured master key made the whitelist's signature.
        case wrongKey = "wrong-master-key"
        case expiredWhitelist = "whitelist-expired"
        /// A signed file cannot be parsed.
        case malformed = "malformed-letter"
        /// The manifest's signature is not by its certificate.
        case badSignature = "manifest-bad-signature"
        /// The certificate is not on the whitelist.
        case untrustedCertificate = "certificate-not-listed"
        /// A signed file belongs to another repository.
        case nameMismatch = "repository-name-mismatch"
        /// The server offers an older revision than was seen before.
        case olderRevision = "older-revision"
        case noHistory = "no-history"
        case unknownTag = "unknown-tag"
        case noKey = "no-master-key"
        case noServer = "no-server"
        /// The object cache or the memory of revisions failed.
        case local = "local-storage"
    }

    package let code: Code
    package let message: String
    package let remedy: String?
    package let cause: (any Error)?

    /// Describes a problem.
    package init(_ code: Code, _ message: String, remedy: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    package var identifier: String { code.rawValue }
}

/// Says that an answer needs the network, to those who asked for what is on this machine only.
package struct NeedsFetch: Error {
    /// Says it.
    package init() {}
}

/// Whether a question may wait for the network.
package enum FetchPolicy: Sendable {
    /// Throw `NeedsFetch` instead of fetching.
    case localOnly
    case mayFetch
}
