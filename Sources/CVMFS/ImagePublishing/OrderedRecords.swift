// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
internal import FileTree

/// Writes records in the order of the archive although contents finish in any order.
struct OrderedRecords {
    private let writer: LayerIndexWriter
    private let pipeline: ContentPipeline
    private var waiting: [(change: TreeChange, content: [ContentPipeline.Ticket])] = []
    private var head = 0

    private static let limit = 4096

    init(writer: LayerIndexWriter, pipeline: ContentPipeline) {
        self.writer = writer
        self.pipeline = pipeline
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
        guard case .entry(var entry) = change, !tickets.isEmpty else { return try writer.add(change) }
        entry.content = StoredContent(
            pieces: try tickets.map { StoredPiece(size: Int64($0.size), object: try pipeline.object(of: $0)) }
        )
        try writer.add(.entry(entry))
    }
}
