// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobStorage
internal import NIOCore

/// A part of a content, read in pieces of 1 MiB as they are asked for.
///
/// It throws where the content ends before the part does.
struct ContentPieces: AsyncSequence {
    private static let sizeInBytes: Int64 = 1 << 20

    private let content: any BlobContent
    private let range: Range<Int64>

    init(_ content: any BlobContent, _ range: Range<Int64>) {
        self.content = content
        self.range = range
    }

    func makeAsyncIterator() -> Iterator { Iterator(content: content, rest: range) }

    struct Iterator: AsyncIteratorProtocol {
        let content: any BlobContent
        var rest: Range<Int64>

        mutating func next() async throws -> ByteBuffer? {
            guard !rest.isEmpty else { return nil }
            let wanted = Swift.min(ContentPieces.sizeInBytes, rest.upperBound - rest.lowerBound)
            let bytes = try await content.read(at: rest.lowerBound, count: Int(wanted))
            guard bytes.readableBytes > 0 else {
                throw BlobProblem(.truncated, "the content is shorter than it was")
            }
            rest = rest.lowerBound + Int64(bytes.readableBytes)..<rest.upperBound
            return bytes
        }
    }
}
