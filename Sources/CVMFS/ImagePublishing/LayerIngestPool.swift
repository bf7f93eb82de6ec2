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

    /// A layer as an image states it: another image may state another diff id for the blob, and only one of them is right.
    private struct Claim: Hashable {
        let key: Key
        let diffID: OCIDigest
    }

    private struct Failure {
        let error: any Error
        /// The round of publication in which it came.
        let round: Int
    }

    /// A layer that could not be read for reasons of the machine, and is left alone until a time.
    private struct Rest {
        var attempts: Int
        var end: ContinuousClock.Instant
        /// Whether an image has asked for it in this round.
        var isWanted = false
    }

    package let pipeline: ContentPipeline
    private let blobs: BlobReader
    private let threadLimit: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let onDone: @Sendable () -> Void

    /// Guards everything below.
    private let condition = NSCondition()
    private var wanted: [Work] = []
    private var anticipated: [Work] = []
    /// What is in `wanted`.
    private var queued: Set<Key> = []
    private var running: Set<Key> = []
    private var failures: [Claim: Failure] = [:]
    private var rests: [Claim: Rest] = [:]
    private var round = 0
    private var threads = 0
    private var stopping = false

    /// Blobs that are only anticipated wait in a queue of this length; beyond it they wait for their manifest.
    private static let anticipationLimit = 1024
    /// The longest rest of a layer, in seconds.
    private static let longestRest = 60

    /// - Parameters:
    ///   - storage: where the blobs are.
    ///   - pipeline: where contents are compressed; closed by `stop`.
    ///   - threads: how many layers are read at once.
    ///   - now: the clock by which layers rest whose reading failed.
    ///   - onDone: called on a thread of the pool after each layer that an image waited for.
    package init(
        storage: any BlobStorage,
        pipeline: ContentPipeline = ContentPipeline(),
        threads: Int = max(2, ProcessInfo.processInfo.activeProcessorCount),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        onDone: @escaping @Sendable () -> Void
    ) {
        blobs = BlobReader(storage: storage)
        self.pipeline = pipeline
        threadLimit = threads
        self.now = now
        self.onDone = onDone
    }

    /// Whether the work is to end: for `LayerIngest`.
    package var isStopping: Bool { condition.withLock { stopping } }

    /// Asks for a layer that an image needs; does nothing while its blob is in work, nor while it rests because it could not
    /// be read.
    func want(_ layer: PublishableImage.Layer, in ingest: LayerIngest) {
        let work = Work(
            ingest: ingest,
            blob: layer.blob.digest,
            size: layer.blob.sizeInBytes,
            diffID: layer.diffID
        )
        condition.lock()
        defer { condition.unlock() }
        let claim = Self.claim(layer, in: ingest)
        // A failure that nobody has heard of yet comes first.
        guard failures[claim] == nil, !isResting(claim), !running.contains(claim.key),
            queued.insert(claim.key).inserted
        else { return }
        anticipated.removeAll { Self.key($0) == claim.key }
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
            !queued.contains(key), !anticipated.contains(where: { Self.key($0) == key })
        else { return }
        anticipated.append(work)
        startThread()
    }

    /// Begins a round of publication: whoever asks for layers from now on does so again.
    func beginRound() {
        condition.withLock {
            round += 1
            for claim in rests.keys { rests[claim]?.isWanted = false }
        }
    }

    /// Ends a round: failures that came before it have been heard of by every image that they concern, and are forgotten, so
    /// that the layers can be asked for again.
    func endRound() {
        condition.withLock {
            failures = failures.filter { $0.value.round >= round }
            // What nobody asks for any more need not be remembered for long.
            let past = now() - .seconds(2 * Self.longestRest)
            rests = rests.filter { $0.value.isWanted || $0.value.end > past }
        }
    }

    /// Why the ingest of a layer failed, if it did since the last round.
    func failure(of layer: PublishableImage.Layer, in ingest: LayerIngest) -> (any Error)? {
        condition.withLock { failures[Self.claim(layer, in: ingest)]?.error }
    }

    /// When a layer that an image waits for has rested long enough; `nil` if none rests.
    package var timeToNextTry: Duration? {
        condition.withLock {
            rests.values.filter(\.isWanted).map(\.end).min().map { max(.zero, $0 - now()) }
        }
    }

    /// Ends what is running, drops what waits, and closes the pipeline.
    ///
    /// Blocks until the threads are gone. A layer that was cut short is read again at the next start.
    package func stop() {
        condition.lock()
        stopping = true
        wanted = []
        queued = []
        anticipated = []
        while threads > 0 { condition.wait() }
        condition.unlock()
        pipeline.close()
    }

    // MARK: Threads

    private static func key(_ work: Work) -> Key {
        Key(repository: work.ingest.repository, blob: work.blob)
    }

    private static func claim(_ layer: PublishableImage.Layer, in ingest: LayerIngest) -> Claim {
        Claim(key: Key(repository: ingest.repository, blob: layer.blob.digest), diffID: layer.diffID)
    }

    /// Whether a layer is to be left alone; call with the lock held.
    private func isResting(_ claim: Claim) -> Bool {
        guard let rest = rests[claim], rest.end > now() else { return false }
        rests[claim]?.isWanted = true
        return true
    }

    /// Notes what became of a layer; call with the lock held.
    private func note(_ failure: (any Error)?, of work: Work) {
        guard let diffID = work.diffID else { return }
        let claim = Claim(key: Self.key(work), diffID: diffID)
        guard let failure else {
            rests[claim] = nil
            return
        }
        failures[claim] = Failure(error: failure, round: round)
        guard !ImageFault.isOne(failure) else { return }
        let attempts = (rests[claim]?.attempts ?? 0) + 1
        let pause = min(1 << min(attempts - 1, 16), Self.longestRest)
        rests[claim] = Rest(attempts: attempts, end: now() + .seconds(pause))
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
            note(failure, of: work)
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
        queued.remove(Self.key(work))
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
