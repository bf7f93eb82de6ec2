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
///   index                                records: plain size and SHA-256 of each object, uses, removals
///   lock                                 held while objects are evicted or the index is rewritten
/// ```
/// Every process can be killed at any time: names appear by rename after the content is complete, and the index says
/// what a content must be. A file is hashed again at its first open after start and whenever its size or times differ
/// from what they were when it was last verified. Eviction unlinks the least recently used objects that this process
/// has not open; whoever has one open goes on reading it.
package final class ObjectCache: Sendable {
    /// The cache's directory.
    package let directory: String
    /// The most plain bytes that stay after an eviction.
    package let limitInBytes: Int64

    private struct State {
        var index: CacheIndex
        var pins: [ContentHash: Int] = [:]
        var transactions = 0
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Int64
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
        self.limitInBytes = limitInBytes
        self.now = now
        self.report = report
        try CacheDirectory.prepare(directory)
        state = Mutex(State(index: try CacheIndex(path: directory + "/index")))
        try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
            CacheDirectory.sweepTransactions(of: directory)
            try state.withLock { state throws(CacheProblem) in
                if state.index.isDamaged { CacheDirectory.removeStrangers(in: directory, to: state.index) }
                try state.index.compactIfWorthwhile()
            }
        }
    }

    deinit { state.withLock { $0.index.close() } }

    /// The plain bytes in the cache.
    package var totalSize: Int64 { state.withLock { $0.index.totalSize } }

    /// The place of an object, whether it is there or not.
    package func path(of name: ContentHash) -> String { directory + "/" + name.objectName(.file) }

    /// Returns an object if it is here and is what its record says; `nil` if it has to be fetched.
    package func open(_ name: ContentHash) throws(CacheProblem) -> CachedObject? {
        let entry = try state.withLock { state throws(CacheProblem) in
            if let entry = state.index.entry(of: name) { return entry as CacheIndex.Entry? }
            try state.index.catchUp()
            return state.index.entry(of: name)
        }
        guard let entry else { return nil }
        let descriptor = Glibc.open(path(of: name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else {
                throw CacheProblem(
                    .read,
                    "cannot open \(name)",
                    cause: SystemCallProblem("open", path(of: name))
                )
            }
            try forget(name)
            return nil
        }
        guard let stamp = FileStamp(of: descriptor), stamp.size == entry.size,
            stamp.fingerprint == entry.verifiedStamp
                || Self.contentDigest(of: descriptor) == entry.contentDigest
        else {
            close(descriptor)
            try quarantine(name)
            return nil
        }
        try state.withLock { state throws(CacheProblem) in
            state.index.setVerified(name, stamp)
            state.pins[name, default: 0] += 1
            let time = now()
            // Uses need no finer grain to order evictions by.
            if entry.used < time - 600 { try state.index.append(IndexRecord(.used, name, time: time)) }
        }
        return CachedObject(
            name: name,
            descriptor: descriptor,
            stamp: stamp,
            contentDigest: entry.contentDigest,
            cache: self
        )
    }

    /// Starts to add an object.
    package func begin() throws(CacheProblem) -> CacheTransaction {
        let number = state.withLock { state in
            state.transactions += 1
            return state.transactions
        }
        return try CacheTransaction(
            cache: self,
            path: "\(directory)/txn/\(getpid())-\(number)-\(UInt32.random(in: 0...UInt32.max))"
        )
    }

    /// Moves an object that turned out to be wrong out of the way, so that it is fetched again.
    package func quarantine(_ name: ContentHash) throws(CacheProblem) {
        report("cached object \(name) is not what its record says: moved to quarantine")
        let target = directory + "/quarantine/" + name.digits + name.algorithm.textSuffix
        if rename(path(of: name), target) != 0 { unlink(path(of: name)) }
        try forget(name)
    }

    /// Gives a finished temporary file its name.
    func adopt(
        _ descriptor: Int32,
        from temporary: String,
        as name: ContentHash,
        size: Int64,
        contentDigest: [UInt8]
    ) throws(CacheProblem) -> CachedObject {
        let target = path(of: name)
        let record = IndexRecord(.added, name, time: now(), size: size, contentDigest: contentDigest)
        let stamp = try state.withLock { state throws(CacheProblem) in
            try state.index.append(record)
            guard rename(temporary, target) == 0, let stamp = FileStamp(of: descriptor), stamp.size == size
            else {
                throw CacheProblem(.write, "cannot add \(name)", cause: SystemCallProblem("rename", target))
            }
            state.index.setVerified(name, stamp)
            state.pins[name, default: 0] += 1
            return stamp
        }
        _ = flock(descriptor, LOCK_UN)
        let object = CachedObject(
            name: name,
            descriptor: descriptor,
            stamp: stamp,
            contentDigest: contentDigest,
            cache: self
        )
        evictIfNeeded()
        return object
    }

    func unpin(_ name: ContentHash) {
        state.withLock { state in
            guard let count = state.pins[name] else { return }
            state.pins[name] = count > 1 ? count - 1 : nil
        }
    }

    private func forget(_ name: ContentHash) throws(CacheProblem) {
        try state.withLock { state throws(CacheProblem) in
            if state.index.entry(of: name) != nil {
                try state.index.append(IndexRecord(.removed, name, time: now()))
            }
        }
    }

    /// Unlinks the least recently used objects until a quarter of the limit is free.
    private func evictIfNeeded() {
        guard totalSize > limitInBytes else { return }
        do throws(CacheProblem) {
            try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
                try state.withLock { state throws(CacheProblem) in
                    try state.index.catchUp()
                    try evict(&state)
                }
            }
        } catch {
            // The object that was just added is good; the next one tries again.
            report("cannot evict: \(error)")
        }
    }

    private func evict(_ state: inout State) throws(CacheProblem) {
        let goal = limitInBytes / 4 * 3
        var count = 0
        for number in state.index.recordsByUse() {
            guard state.index.totalSize > goal else { break }
            guard let name = state.index.record(number)?.name, state.pins[name] == nil else { continue }
            unlink(path(of: name))
            try state.index.append(IndexRecord(.removed, name, time: now()))
            count += 1
        }
        report("evicted \(count) objects; \(state.index.totalSize) bytes remain")
    }

    /// The SHA-256 of a whole file; `nil` if it cannot be read.
    static func contentDigest(of descriptor: Int32) -> [UInt8]? {
        let hasher = IncrementalDigest(.sha256)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(hasher.byteCount))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return hasher.finish() }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
