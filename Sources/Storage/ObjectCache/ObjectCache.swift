// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// A directory of verified, plain objects, bounded in size and shared by all mounts of a node.
///
/// ```
/// <directory>/
///   xx/<rest of the digest><algorithm>   the plain content
///   txn/                                 objects on their way in
///   quarantine/                          files that were not what their record says
///   pins/                                lists of objects that stay until they are unpinned
///   index                                records: plain size and SHA-256 of each object, uses, removals
///   lock                                 held while objects are evicted or the index is rewritten
/// ```
/// Every process can be killed at any time: names appear by rename after the content is complete, and the index says
/// what a content must be. A file is hashed again at its first open after start and whenever its size or times differ
/// from what they were when it was last verified.
///
/// The limit is never exceeded by what has a name. Whoever has an object open holds a shared lock on its file, which
/// ends with the process; eviction passes over locked files, so that space is free when it seems to be.
package final class ObjectCache: CacheStore, TransactionHome {
    /// The cache's directory.
    package let directory: String
    package var limitInBytes: Int64 { limit.load(ordering: .relaxed) }
    package var tended: ObjectCache? { self }

    struct State {
        var index: CacheIndex
        var transactions = 0
        /// When making room last freed nothing, in unix seconds.
        var lastInVain: Int64 = 0
        var saysFull = false
        /// When room was made in the last day, in unix seconds.
        var cleanups: [Int64] = []
    }

    let state: Mutex<State>
    let limit: Atomic<Int64>
    let spare = SpareMemory(limitInBytes: 64 << 20)
    let now: @Sendable () -> Int64
    private let report: @Sendable (String) -> Void

    /// Opens a cache, making its directory if necessary.
    ///
    /// - Parameters:
    ///   - directory: an absolute path.
    ///   - limitInBytes: the most plain bytes to keep.
    ///   - now: unix seconds, for the order of eviction.
    ///   - report: told of quarantined files and evictions.
    /// - Throws: `directory` if it cannot be made or written.
    package init(
        directory: String,
        limitInBytes: Int64,
        now: @escaping @Sendable () -> Int64,
        report: @escaping @Sendable (String) -> Void
    ) throws(CacheProblem) {
        self.directory = directory
        limit = Atomic(limitInBytes)
        self.now = now
        self.report = report
        try CacheDirectory.prepare(directory)
        state = Mutex(State(index: try CacheIndex(directory: directory)))
        try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
            CacheDirectory.sweepTransactions(of: directory)
            try state.withLock { state throws(CacheProblem) in try settle(&state.index) }
        }
    }

    deinit { state.withLock { $0.index.close() } }

    package var totalSize: Int64 { state.withLock { $0.index.totalSize } }

    /// A file that is joined stands beside its parts until those are evicted.
    package var joinLimitInBytes: Int64 { limitInBytes / 4 }

    /// The place of an object, whether it is there or not.
    package func path(of name: ContentHash) -> String { directory + "/" + name.objectName(.file) }

    package func open(_ name: ContentHash) throws(CacheProblem) -> CachedObject? {
        let entry = try state.withLock { state throws(CacheProblem) in
            if let entry = state.index.entry(of: name) { return entry as CacheIndex.Entry? }
            try state.index.catchUp()
            return state.index.entry(of: name)
        }
        guard let entry else { return nil }
        let path = path(of: name)
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else {
                throw CacheProblem(.read, "cannot open \(name)", cause: SystemCallProblem("open", path))
            }
            // Evicted by another process, or removed by hand: the next eviction takes its record away, under the lock,
            // lest the record of an object that comes back just now is lost.
            return nil
        }
        // Refused only while it is being evicted: as good as gone.
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            close(descriptor)
            return nil
        }
        let stamp = FileStamp(of: descriptor)
        // Evicted between the opening and the lock: good, but without a name for those who need one.
        guard stamp?.linkCount != 0 else {
            close(descriptor)
            return nil
        }
        guard let stamp, stamp.size == entry.size,
            stamp.fingerprint == entry.verifiedStamp || ContentDigest.of(descriptor) == entry.contentDigest
        else {
            close(descriptor)
            try quarantine(name)
            return nil
        }
        try state.withLock { state throws(CacheProblem) in
            state.index.setVerified(name, stamp)
            let time = now()
            // Uses need no finer grain to order evictions by.
            if entry.used < time - 600 { try? state.index.append(IndexRecord(.used, name, time: time)) }
        }
        return CachedObject(
            name: name,
            content: entry.content,
            descriptor: descriptor,
            stamp: stamp,
            contentDigest: entry.contentDigest,
            path: path
        )
    }

    package func begin(_ content: CachedContent) throws(CacheProblem) -> CacheTransaction {
        do { return try transaction(content) } catch {
            guard (error.cause as? SystemCallProblem)?.errorNumber == ENOENT else { throw error }
        }
        // Somebody removed the directory under us.
        report("the cache's directory \(directory) was removed; a new one is made")
        try CacheDirectory.prepare(directory)
        return try transaction(content)
    }

    private func transaction(_ content: CachedContent) throws(CacheProblem) -> CacheTransaction {
        let number = state.withLock { state in
            state.transactions += 1
            return state.transactions
        }
        let path = "\(directory)/txn/\(getpid())-\(number)-\(UInt32.random(in: 0...UInt32.max))"
        return try CacheTransaction(home: self, path: path, content: content)
    }

    package func isCostly(_ name: ContentHash) -> Bool {
        let entry = state.withLock { $0.index.entry(of: name) }
        guard let entry else { return false }
        return entry.verifiedStamp == 0 && entry.size > Self.quickSize
    }

    /// Hashing more than this takes longer than other requests should wait.
    private static let quickSize: Int64 = 8 << 20
    /// More than these are of no use to whoever looks for the cause.
    private static let quarantineLimit = 32

    package func quarantine(_ name: ContentHash) throws(CacheProblem) {
        report("cached object \(name) is not what its record says: moved to quarantine")
        try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
            let place = directory + "/quarantine/"
            let older = CacheDirectory.names(in: place)
            if older.count >= Self.quarantineLimit { for name in older { unlink(place + name) } }
            let target = place + name.digits + name.algorithm.textSuffix
            if rename(path(of: name), target) != 0 { unlink(path(of: name)) }
            try forget(name)
        }
    }

    package func demote(_ names: [ContentHash]) {
        state.withLock { state in
            // What cannot be written is an order of eviction that is not the best.
            for name in names { try? state.index.append(IndexRecord(.used, name, time: 0)) }
        }
        // While there is plenty of room they may serve other files that share them.
        if totalSize > limitInBytes / 2 { evict(names) }
    }

    func tell(_ line: String) { report(line) }

    /// Takes an object's record away.
    ///
    /// The caller holds the cache's lock and has seen that the file is gone.
    func forget(_ name: ContentHash) throws(CacheProblem) {
        try state.withLock { state throws(CacheProblem) in
            guard state.index.entry(of: name) != nil else { return }
            do { try state.index.append(IndexRecord(.removed, name, time: now())) } catch {
                state.index.drop(name)
            }
        }
    }

    /// Brings index and directory together after damage, and writes the index anew if it is worth it.
    ///
    /// The caller holds the cache's lock.
    func settle(_ index: inout CacheIndex) throws(CacheProblem) {
        if index.isDamaged {
            let strangers = try CacheDirectory.settleStrangers(in: directory, &index)
            if strangers.found + strangers.removed > 0 {
                report(
                    "the cache's index was rebuilt: \(strangers.found) objects found, \(strangers.removed) removed"
                )
            }
        }
        try index.compactIfWorthwhile()
    }
}
