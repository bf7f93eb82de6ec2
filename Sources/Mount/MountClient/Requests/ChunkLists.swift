// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import Synchronization

/// The chunks of the files that are being read, by node: a number stands for one content for ever.
///
/// Bounded by the number of chunks, for a large file has thousands; what is dropped is read again from the catalog.
final class ChunkLists: Sendable {
    private static let chunkLimit = 1 << 16

    private struct State {
        var lists: [UInt64: [FileChunk]] = [:]
        /// The nodes in the order in which their lists came.
        var order: [UInt64] = []
        var chunkCount = 0
    }

    private let state = Mutex(State())

    subscript(node: UInt64) -> [FileChunk]? { state.withLock { $0.lists[node] } }

    /// Keeps a list, and drops the oldest ones if there are too many chunks.
    func keep(_ chunks: [FileChunk], of node: UInt64) {
        state.withLock { state in
            guard state.lists[node] == nil else { return }
            state.lists[node] = chunks
            state.order.append(node)
            // A list weighs something even if it has one chunk.
            state.chunkCount += chunks.count + 4
            var dropped = 0
            while state.chunkCount > Self.chunkLimit, dropped < state.order.count - 1 {
                state.chunkCount -= (state.lists.removeValue(forKey: state.order[dropped])?.count ?? 0) + 4
                dropped += 1
            }
            // In batches, since it moves those that stay.
            state.order.removeFirst(dropped)
        }
    }
}
