// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSReader
internal import ObjectCache

#if canImport(Glibc)
internal import Glibc
#endif

/// A request that is answered with an error number, which is no event worth a line in the log.
struct RequestFailure: Error {
    let errorNumber: Int32

    init(_ errorNumber: Int32) { self.errorNumber = errorNumber }

    /// What the kernel is told of an error.
    ///
    /// Whatever keeps the right bytes from being read is EIO, never other bytes.
    static func errorNumber(for error: any Error) -> Int32 {
        switch error {
        case let failure as RequestFailure: failure.errorNumber
        case is CacheProblem, is ReaderProblem, is CatalogProblem: EIO
        default: EIO
        }
    }
}
