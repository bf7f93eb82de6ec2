// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
internal import FileTree
internal import Foundation
internal import LayerUnpacking
internal import TarArchive

/// Reads an archive as tree changes while its files' contents are stored.
struct TarContents {
    let store: ContentStore
    let pipeline: ContentPipeline
    let limits: LayerLimits
    let sizing: ChunkSizing
    let isStopping: @Sendable () -> Bool

    /// Hands on the changes in the order of the archive, each with its content.
    func read(
        _ tar: TarReader,
        whiteouts: LayerMemberRules.Whiteouts,
        _ sink: @escaping (TreeChange) throws -> Void
    ) throws {
        var records = OrderedRecords(pipeline: pipeline, sink: sink)
        var rules = LayerMemberRules(limits: limits, whiteouts: whiteouts)
        let cutter = ContentCutter(pipeline: pipeline, store: store, sizing: sizing)
        while let member = try tar.next() {
            guard !isStopping() else { throw PublisherProblem(.stopped, "the server is stopping") }
            let change = try rules.change(of: member)
            if case .entry(let entry) = change, entry.kind == .regular {
                try records.add(change, content: try cutter.cut(tar, size: member.size))
            } else {
                try records.add(change, content: [])
            }
        }
        try records.finish()
    }
}
