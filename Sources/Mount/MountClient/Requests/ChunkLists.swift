// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The chunks of the files that are being read, by node: a number stands for one content for ever.
///
/// Bounded by the number of chunks, for a large file has thousands; what is dropped is read again from the catalog.
final class ChunkLists: Sendable {
    private static let chunkLimit = 1 << 16

    private struct State {
        var lists: [UInt64: ChunkedFile] = [:]
        /// The nodes in the order in which their lists came.
        var order: [UInt64] = []
        var chunkCount = 0
    }

    private let state = Mutex(State())

    subscript(node: UInt64) -> ChunkedFile? { state.withLock { $0.lists[node] } }

    /// Keeps a list, and drops the oldest ones if there are too many chunks.
    ///
    /// Returns the list that all threads use: another thread may have been faster.
    func keep(_ file: ChunkedFile, of node: UInt64) -> ChunkedFile {
        state.withLock { state in
            if let known = state.lists[node] { return known }
            state.lists[node] = file
            state.order.append(node)
            // A list weighs something even if it has one chunk.
            state.chunkCount += file.chunks.count + 4
            var dropped = 0
            while state.chunkCount > Self.chunkLimit, dropped < state.order.count - 1 {
                state.chunkCount -=
                    (state.lists.removeValue(forKey: state.order[dropped])?.chunks.count ?? 0) + 4
                dropped += 1
            }
            // In batches, since it moves those that stay.
            state.order.removeFirst(dropped)
            return file
        }
    }
}
