// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// What can be wrong with a compressed stream.
package struct CompressionProblem: Problem, Hashable {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case corrupt = "corrupt-stream"
        case truncated = "truncated-stream"
        case trailingData = "trailing-data"
        case tooLarge = "output-too-large"
    }

    package let code: Code
    /// The format: `gzip`, `zlib` or `zstd`.
    package let format: String

    package init(_ code: Code, format: String) {
        self.code = code
        self.format = format
    }

    package var identifier: String { code.rawValue }

    package var message: String {
        switch code {
        case .corrupt: "the \(format) stream is corrupt"
        case .truncated: "the \(format) stream ends early"
        case .trailingData: "something follows the end of the \(format) stream"
        case .tooLarge: "the \(format) stream holds more than was declared"
        }
    }
}
