// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
internal import Digests
internal import FileTree

/// Hands records on in the order of the archive although contents finish in any order.
struct OrderedRecords {
    private let sink: (TreeChange) throws -> Void
    private let pipeline: ContentPipeline
    private var waiting: [(change: TreeChange, content: [ContentPipeline.Ticket])] = []
    private var head = 0

    private static let limit = 4096

    /// - Parameters:
    ///   - pipeline: where the contents are.
    ///   - sink: takes the finished records, in order.
    init(pipeline: ContentPipeline, sink: @escaping (TreeChange) throws -> Void) {
        self.pipeline = pipeline
        self.sink = sink
    }

    mutating func add(_ change: TreeChange, content: [ContentPipeline.Ticket]) throws {
        waiting.append((change, content))
        while head < waiting.count,
            waiting.count - head > Self.limit || waiting[head].content.allSatisfy({ pipeline.isDone($0) })
        {
            try writeFirst()
        }
        if head > Self.limit {
            waiting.removeFirst(head)
            head = 0
        }
    }

    mutating func finish() throws {
        while head < waiting.count { try writeFirst() }
    }

    private mutating func writeFirst() throws {
        let (change, tickets) = waiting[head]
        waiting[head] = (change, [])
        head += 1
        guard case .entry(var entry) = change, !tickets.isEmpty else { return try sink(change) }
        entry.content = StoredContent(
            pieces: try tickets.map { ticket in
                let object = try pipeline.object(of: ticket)
                return StoredPiece(size: Int64(ticket.size), object: object.hash, isPlain: object.isPlain)
            }
        )
        try sink(.entry(entry))
    }
}
