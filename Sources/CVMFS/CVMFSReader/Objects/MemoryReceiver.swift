// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPFetching

/// Collects a small file in memory.
package final class MemoryReceiver: ContentReceiver {
    /// What was received.
    package private(set) var bytes: [UInt8] = []
    private let limit: Int
    private let check: ([UInt8]) throws -> Void

    /// Accepts at most `limit` bytes, and only a content that `check` lets pass.
    package init(limit: Int, check: @escaping ([UInt8]) throws -> Void = { _ in }) {
        self.limit = limit
        self.check = check
    }

    package func restart() { bytes.removeAll(keepingCapacity: true) }

    package func receive(_ piece: UnsafeRawBufferPointer) throws {
        guard bytes.count + piece.count <= limit else {
            throw FetchProblem(.tooLarge, "the answer has more than the \(limit) bytes that it may have")
        }
        bytes.append(contentsOf: piece)
    }

    package func finish() throws { try check(bytes) }
}
