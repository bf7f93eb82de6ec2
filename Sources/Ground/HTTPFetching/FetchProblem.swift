// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

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
    }

    package let code: Code
    package let message: String
    /// The status of the answer, where there was one.
    package let status: Int?
    package let cause: (any Error)?

    /// Describes a failed fetch.
    package init(_ code: Code, _ message: String, status: Int? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.status = status
        self.cause = cause
    }

    package var identifier: String { code.rawValue }

    package var remedy: String? {
        switch code {
        case .transfer: "check that the server runs and that the network reaches it"
        case .address: "give an address such as http://host:port/cvmfs/name"
        case .status, .corrupt, .tooLarge: nil
        }
    }
}
