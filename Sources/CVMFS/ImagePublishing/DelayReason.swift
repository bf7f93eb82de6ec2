// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import Glibc
internal import MetadataStore
internal import Problems

/// Why publications wait, in words that whoever may pull an image may read: the log has the paths and the numbers.
enum DelayReason: String {
    case full = "the server's disk is full"
    case database = "the server's database does not answer"
    case other = "the server has trouble, and its log says which"

    /// Finds the reason among an error and its causes.
    init(_ error: any Error) {
        var found = Self.other
        var next: (any Error)? = error
        while let error = next {
            switch error {
            case let call as SystemCallProblem where [ENOSPC, EDQUOT].contains(call.errorNumber):
                found = .full
            case let problem as BlobProblem where problem.code == .outOfSpace: found = .full
            case let problem as MetadataProblem: found = problem.code == .outOfSpace ? .full : .database
            default: break
            }
            next = (error as? any Problem)?.cause
        }
        self = found
    }
}
