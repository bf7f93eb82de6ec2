// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// What can be wrong with a tar archive.
package struct TarProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case truncated = "tar-truncated"
        case badChecksum = "tar-bad-checksum"
        case badNumber = "tar-bad-number"
        case badExtendedHeader = "tar-bad-pax-header"
        case badSparseMap = "tar-bad-sparse-map"
        case badName = "tar-bad-name"
        case unknownType = "tar-unknown-type"
        case headerTooLarge = "tar-header-too-large"
    }

    package let code: Code
    /// Where in the archive the member's header begins, in bytes.
    package let offset: Int64
    /// What exactly is wrong.
    package let detail: String

    package init(_ code: Code, at offset: Int64, _ detail: String) {
        self.code = code
        self.offset = offset
        self.detail = detail
    }

    package var identifier: String { code.rawValue }
    package var message: String { "the tar archive is not valid at byte \(offset): \(detail)" }
}
