// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CompressionCodecs
package import Digests
internal import Foundation

/// Compresses, hashes and stores contents on worker threads while the callers read on.
///
/// All layers that are being read share one. Contents wait in a queue of bounded size; `submit` blocks while it is full.
/// Memory: the queue's bound, and for each worker one content and its compressed form.
package final class ContentPipeline: @unchecked Sendable {
    /// A promise of a content's object.
    package final class Ticket: @unchecked Sendable {
        fileprivate var result: Result<ContentObject, any Error>?
        /// Plain size in bytes.
        package let size: Int

        fileprivate init(size: Int) { self.size = size }
    }

    private struct Work {
        var content: [UInt8]
        let isChunk: Bool
        let store: ContentStore
        let ticket: Ticket
    }

    private let bytesLimit: Int

    /// Guards everything below and all tickets.
    private let condition = NSCondition()
    private var queue: [Work] = []
    private var head = 0
    private var queuedBytes = 0
    private var isClosed = false
    private var runningWorkers = 0

    /// Starts the workers.
    ///
    /// - Parameters:
    ///   - workers: the number of threads; by default one for each core.
    ///   - bytesLimit: how much may wait, in bytes.
    package init(
        workers: Int = max(1, ProcessInfo.processInfo.activeProcessorCount),
        bytesLimit: Int = 32 << 20
    ) {
        self.bytesLimit = bytesLimit
        runningWorkers = workers
        for number in 0..<workers {
            let thread = Thread { self.work() }
            thread.name = "ingest-\(number)"
            thread.start()
        }
    }

    /// Hands a content of a repository over; blocks while too much waits.
    package func submit(_ content: [UInt8], isChunk: Bool, to store: ContentStore) -> Ticket {
        let ticket = Ticket(size: content.count)
        condition.lock()
        defer { condition.unlock() }
        while queuedBytes > 0, queuedBytes + content.count > bytesLimit { condition.wait() }
        queue.append(Work(content: content, isChunk: isChunk, store: store, ticket: ticket))
        queuedBytes += content.count
        condition.broadcast()
        return ticket
    }

    /// Returns the object of a ticket, waiting for it.
    package func object(of ticket: Ticket) throws -> ContentObject {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = ticket.result { return try result.get() }
            condition.wait()
        }
    }

    /// Whether a ticket's object is known by now.
    package func isDone(_ ticket: Ticket) -> Bool { condition.withLock { ticket.result != nil } }

    /// Ends the workers after what waits is done.
    ///
    /// Nothing may be submitted afterwards.
    package func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        while runningWorkers > 0 { condition.wait() }
        condition.unlock()
    }

    private func work() {
        var compressors: [CompressionProfile: ObjectCompressor] = [:]
        while let work = take() {
            let profile = work.store.profile
            let compressor = compressors[profile] ?? ObjectCompressor(profile)
            compressors[profile] = compressor
            let result = Result {
                try work.content.withUnsafeBytes {
                    try work.store.object(for: $0, isChunk: work.isChunk, compressor: compressor)
                }
            }
            condition.lock()
            work.ticket.result = result
            queuedBytes -= work.content.count
            condition.broadcast()
            condition.unlock()
        }
        condition.lock()
        runningWorkers -= 1
        condition.broadcast()
        condition.unlock()
    }

    private func take() -> Work? {
        condition.lock()
        defer { condition.unlock() }
        while head == queue.count {
            if isClosed { return nil }
            condition.wait()
        }
        let work = queue[head]
        // The place stays for a while; the bytes must not.
        queue[head].content = []
        head += 1
        if head == queue.count || head > 1024 {
            queue.removeFirst(head)
            head = 0
        }
        return work
    }
}
