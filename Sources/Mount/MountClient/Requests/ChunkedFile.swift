// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import Synchronization

/// The chunks of a file that is being read: which of them are known to be on this machine, and which will be wanted
/// next.
final class ChunkedFile: Sendable {
    /// In order and without a gap.
    let chunks: [FileChunk]
    /// The object that holds all of them once they are joined.
    let joinedName: ContentHash

    /// In bytes.
    private var size: Int64 { chunks.last.map { $0.offset + $0.size } ?? 0 }

    private struct Progress {
        var present: [Bool]
        var presentCount = 0
        var pattern = ReadingPattern()
        var isBegun = false
    }

    private let progress: Mutex<Progress>

    init(_ chunks: [FileChunk]) {
        self.chunks = chunks
        joinedName = ObjectFetcher.joinedName(of: chunks)
        progress = Mutex(Progress(present: [Bool](repeating: false, count: chunks.count)))
    }

    /// Tells of a read; returns the chunks that should be fetched ahead of the next ones.
    ///
    /// - Parameters:
    ///   - index: the chunk that is read.
    ///   - cacheSize: the size of a cache, in bytes, that must not lose what was fetched before it is read.
    ///   - wholeFileLimit: all of a file of at most so many bytes is fetched at its first read; asked for then only.
    /// - Returns: their indices.
    func willRead(_ index: Int, cacheSize: Int64, wholeFileLimit: @autoclosure () -> Int64) -> [Int] {
        let chunkSize = chunks[index].size
        return progress.withLock { progress in
            let window = min(ReadingPattern.largestWindow, cacheSize / 8)
            if !progress.isBegun {
                progress.isBegun = true
                if size <= min(wholeFileLimit(), cacheSize / 8) {
                    return chunks.indices.filter { $0 != index && !progress.present[$0] }
                }
            }
            let ahead = progress.pattern.read(
                index,
                of: chunks.count,
                chunkSize: chunkSize,
                window: window
            )
            return ahead.filter { !progress.present[$0] }
        }
    }

    /// Tells that a chunk is in the cache; returns whether it is the last one that was not known to be.
    func isPresent(_ index: Int) -> Bool {
        progress.withLock { progress in
            guard !progress.present[index] else { return false }
            progress.present[index] = true
            progress.presentCount += 1
            return progress.presentCount == chunks.count
        }
    }

    /// Tells that chunks may have gone, so that they are counted anew.
    func forgetPresent() {
        progress.withLock { progress in
            progress.present = [Bool](repeating: false, count: chunks.count)
            progress.presentCount = 0
        }
    }
}

/// Tells a file that is read from front to back from one that is read here and there.
///
/// The window doubles with every chunk that follows the one before, up to 16 MiB: a jump begins anew with none. The
/// kernel has several reads of one file under way, which may arrive in another order.
package struct ReadingPattern {
    /// The most bytes that are fetched ahead of a reader.
    package static let largestWindow: Int64 = 16 << 20

    private var last = -1
    private var run = 0
    private var end = 0

    /// Nothing was read yet.
    package init() {}

    /// Tells of a read of a chunk; returns those that are to be fetched ahead now.
    ///
    /// - Parameters:
    ///   - index: the chunk that is read.
    ///   - count: how many there are.
    ///   - chunkSize: the size of this one, in bytes.
    ///   - window: the most bytes that may be fetched ahead.
    /// - Returns: chunks that were not named before in this run.
    package mutating func read(
        _ index: Int,
        of count: Int,
        chunkSize: Int64,
        window: Int64 = largestWindow
    ) -> Range<Int> {
        let nothing = index..<index
        // Again, or one of the kernel's reads that was overtaken.
        if index <= last, index >= last - 2 { return nothing }
        let follows = last >= 0 && index > last && index <= last + 3
        last = index
        guard follows else {
            (run, end) = (0, index + 1)
            return nothing
        }
        run += 1
        let room = Int(clamping: window / max(chunkSize, 1))
        guard room > 0 else { return nothing }
        let width = min(run < 6 ? 1 << run : 64, room, 64)
        let target = min(index + 1 + width, count)
        let start = max(end, index + 1)
        // Refilled by halves, so that jobs come in batches and connections stay busy.
        guard start < target, start - index - 1 <= width / 2 else { return nothing }
        end = target
        return start..<target
    }
}
