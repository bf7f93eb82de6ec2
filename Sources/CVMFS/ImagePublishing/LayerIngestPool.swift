// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
package import CVMFSPublisher
internal import Digests
internal import Foundation
internal import OCISpec

/// Ingests layers on a few threads of its own, each blob once at a time.
///
/// What an image waits for comes before what was only anticipated: a blob that looks like a layer and whose manifest has
/// not arrived. Threads start with the first work and end with the last. Memory: what `LayerIngest` states for each
/// thread, and the pipeline's bound once for all.
package final class LayerIngestPool: @unchecked Sendable {
    /// A blob to be read into a repository.
    private struct Work {
        let ingest: LayerIngest
        let blob: OCIDigest
        let size: Int64
        /// `nil` for a blob that was only anticipated.
        let diffID: OCIDigest?
    }

    private struct Key: Hashable {
        let repository: String
        let blob: OCIDigest
    }

    package let pipeline: ContentPipeline
    private let blobs: BlobReader
    private let threadLimit: Int
    private let onDone: @Sendable () -> Void

    /// Guards everything below.
    private let condition = NSCondition()
    private var wanted: [Work] = []
    private var anticipated: [Work] = []
    private var running: Set<Key> = []
    private var failures: [Key: any Error] = [:]
    private var threads = 0
    private var stopping = false

    /// Blobs that are only anticipated wait in a queue of this length; beyond it they wait for their manifest.
    private static let anticipationLimit = 1024

    /// - Parameters:
    ///   - storage: where the blobs are.
    ///   - pipeline: where contents are compressed; closed by `stop`.
    ///   - threads: how many layers are read at once.
    ///   - onDone: called on a thread of the pool after each layer that an image waited for.
    package init(
        storage: any BlobStorage,
        pipeline: ContentPipeline = ContentPipeline(),
        threads: Int = max(2, ProcessInfo.processInfo.activeProcessorCount),
        onDone: @escaping @Sendable () -> Void
    ) {
        blobs = BlobReader(storage: storage)
        self.pipeline = pipeline
        threadLimit = threads
        self.onDone = onDone
    }

    /// Whether the work is to end: for `LayerIngest`.
    package var isStopping: Bool { condition.withLock { stopping } }

    /// Asks for a layer that an image needs; does nothing while its blob is in work.
    func want(_ layer: PublishableImage.Layer, in ingest: LayerIngest) {
        let work = Work(
            ingest: ingest,
            blob: layer.blob.digest,
            size: layer.blob.sizeInBytes,
            diffID: layer.diffID
        )
        condition.lock()
        defer { condition.unlock() }
        let key = Self.key(work)
        guard !running.contains(key), !wanted.contains(where: { Self.key($0) == key }) else { return }
        anticipated.removeAll { Self.key($0) == key }
        wanted.append(work)
        startThread()
    }

    /// Reads a blob that may turn out to be a layer, when nothing more urgent is to be done.
    ///
    /// What is no archive, or a broken one, is passed over in silence: its manifest will bring it back.
    func anticipate(_ blob: OCIDigest, size: Int64, in ingest: LayerIngest) {
        let work = Work(ingest: ingest, blob: blob, size: size, diffID: nil)
        condition.lock()
        defer { condition.unlock() }
        let key = Self.key(work)
        guard anticipated.count < Self.anticipationLimit, !running.contains(key),
            !(wanted + anticipated).contains(where: { Self.key($0) == key })
        else { return }
        anticipated.append(work)
        startThread()
    }

    /// Why the ingest of a layer failed, if it did; it is forgotten then, so that the layer can be asked for again.
    func takeFailure(of layer: PublishableImage.Layer, in ingest: LayerIngest) -> (any Error)? {
        let key = Key(repository: ingest.repository, blob: layer.blob.digest)
        return condition.withLock { failures.removeValue(forKey: key) }
    }

    /// Ends what is running, drops what waits, and closes the pipeline.
    ///
    /// Blocks until the threads are gone. A layer that was cut short is read again at the next start.
    package func stop() {
        condition.lock()
        stopping = true
        wanted = []
        anticipated = []
        while threads > 0 { condition.wait() }
        condition.unlock()
        pipeline.close()
    }

    // MARK: Threads

    private static func key(_ work: Work) -> Key {
        Key(repository: work.ingest.repository, blob: work.blob)
    }

    /// Call with the lock held.
    private func startThread() {
        guard threads < threadLimit, !stopping else { return }
        threads += 1
        let thread = Thread {
            Thread.current.name = "layers"
            self.run()
        }
        thread.start()
    }

    private func run() {
        while let work = take() {
            var failure: (any Error)?
            do {
                try perform(work)
            } catch {
                failure = error
            }
            condition.lock()
            running.remove(Self.key(work))
            let isWanted = work.diffID != nil
            if isWanted { failures[Self.key(work)] = failure }
            condition.unlock()
            // The manifest of an anticipated blob may have come while it was read.
            onDone()
        }
    }

    /// The next work; `nil` if there is none, and then the thread is no longer counted.
    private func take() -> Work? {
        condition.lock()
        defer { condition.unlock() }
        guard !stopping, !(wanted.isEmpty && anticipated.isEmpty) else {
            threads -= 1
            condition.broadcast()
            return nil
        }
        let work = wanted.isEmpty ? anticipated.removeFirst() : wanted.removeFirst()
        running.insert(Self.key(work))
        return work
    }

    private func perform(_ work: Work) throws {
        if work.diffID == nil {
            // Configs and other small things are most of what arrives.
            guard try LayerLook.mayBeLayer(blobs.open(work.blob, size: work.size)) else { return }
        }
        try work.ingest.ingest(blob: work.blob, diffID: work.diffID) {
            try blobs.open(work.blob, size: work.size)
        }
    }
}
