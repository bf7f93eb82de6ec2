// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems
package import TransferPlanning

/// Why a fetch did not deliver what was asked for.
package struct FetchProblem: Problem {
    /// The kinds of problem; they decide what is tried next.
    package enum Code: String, CaseIterable, Sendable {
        /// No connection, a timeout, a reset, or a truncated answer: the same server may answer later.
        case transfer = "transfer-failed"
        /// The server answered with a status that is no success.
        case status = "http-status"
        /// The bytes arrived but are not the ones that were asked for.
        case corrupt = "corrupt-answer"
        /// The address cannot be used at all.
        case address = "bad-address"
        /// More bytes than the reader accepts.
        case tooLarge = "answer-too-large"
        /// Nobody answered a moment ago, so nobody was asked.
        case offline = "off-line"
    }

    package let code: Code
    package let message: String
    /// The status of the answer, where there was one.
    package let status: Int?
    /// What follows from it.
    package let failure: DownloadPlan.Failure
    package let cause: (any Error)?

    /// Describes a failed fetch.
    ///
    /// `failure` is told where the code does not say enough.
    package init(
        _ code: Code,
        _ message: String,
        status: Int? = nil,
        failure: DownloadPlan.Failure? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.failure = failure ?? Self.failure(of: code)
        self.cause = cause
    }

    package var identifier: String { code.rawValue }

    package var remedy: String? {
        switch code {
        case .transfer: "check that the server runs and that the network reaches it"
        case .address: "give an address such as http://host:port/cvmfs/name"
        case .offline: "what is in the cache can be read; the next requests will try again"
        case .status, .corrupt, .tooLarge: nil
        }
    }

    private static func failure(of code: Code) -> DownloadPlan.Failure {
        switch code {
        case .transfer: .transfer
        case .status: .serverStatus
        case .corrupt: .corrupt
        case .address: .serverName
        case .tooLarge, .offline: .final
        }
    }
}
