// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What an answer's head says about how the attempt went.
///
/// - Source: cvmfs-format H.5, classification.
package enum AnswerClass {
    /// The failure that a status stands for.
    ///
    /// - Parameters:
    ///   - status: of the answer.
    ///   - isProxied: whether a proxy was asked.
    ///   - squidError: the header `X-Squid-Error`, with which Squid marks pages of its own.
    ///   - proxyStatus: the header `Proxy-Status` (RFC 9209), in which an `error=` says the same.
    /// - Returns: `nil` for a success.
    package static func failure(
        status: Int,
        isProxied: Bool,
        squidError: String?,
        proxyStatus: String?
    ) -> DownloadPlan.Failure? {
        switch status {
        case 200..<300: return nil
        case 429: return .server
        case 300..<400: return .serverStatus
        case 400, 404, 410, 500..<600:
            let isOfProxy = squidError != nil || proxyStatus?.contains("error=") == true
            return isOfProxy && isProxied ? .proxyStatus : .serverStatus
        default: return isProxied ? .proxyStatus : .serverStatus
        }
    }
}
