// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

extension ObjectCache {
    /// What went.
    package struct Eviction: Sendable, Equatable {
        package var objectCount = 0
        package var byteCount: Int64 = 0
        /// Objects that were open somewhere, or pinned.
        package var sparedCount = 0
    }

    /// Unlinks objects that nobody has open and nobody pinned until at most `goal` bytes remain: data before metadata,
    /// and of each what was not used for the longest time.
    ///
    /// Others read on meanwhile: the state is locked for one object at a time.
    package func evict(to goal: Int64) -> Eviction {
        var eviction = Eviction()
        do throws(CacheProblem) {
            try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
                let candidates = try state.withLock { state throws(CacheProblem) in
                    try state.index.catchUp()
                    return state.index.totalSize > goal ? state.index.recordsByUse() : []
                }
                guard !candidates.isEmpty else { return }
                let pins = PinLists(directory).names()
                var metadata: [IndexRecord] = []
                for number in candidates {
                    guard totalSize > goal else { break }
                    guard let record = state.withLock({ $0.index.record(number) }) else { continue }
                    if record.content == .metadata {
                        metadata.append(record)
                    } else {
                        remove(record, unlessIn: pins, &eviction)
                    }
                }
                for record in metadata where totalSize > goal { remove(record, unlessIn: pins, &eviction) }
                // A mount that runs for months leaves many records behind.
                try state.withLock { state throws(CacheProblem) in try state.index.compactIfWorthwhile() }
            }
        } catch {
            tell("cannot evict: \(error)")
        }
        if eviction.objectCount > 0 {
            noteCleanup()
            tell("evicted \(eviction.objectCount) objects; \(totalSize) bytes remain")
        }
        return eviction
    }

    package func cleanupCount(since time: Int64) -> Int {
        state.withLock { $0.cleanups.count { $0 >= time } }
    }

    private func noteCleanup() {
        let time = now()
        state.withLock { state in
            state.cleanups.removeAll { $0 < time - 86400 }
            state.cleanups.append(time)
        }
    }

    /// Bounds the cache anew for this process, and evicts at once what is too much.
    package func setLimit(inBytes limit: Int64) {
        self.limit.store(limit, ordering: .relaxed)
        if totalSize > limit { _ = evict(to: limit / 4 * 3) }
    }

    /// Unlinks those of some objects that nobody has open and nobody pinned.
    @discardableResult
    package func evict(_ names: [ContentHash]) -> Eviction {
        var eviction = Eviction()
        do throws(CacheProblem) {
            try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
                // Another mount may have added them.
                try state.withLock { state throws(CacheProblem) in try state.index.catchUp() }
                let pins = PinLists(directory).names()
                for name in names {
                    guard let entry = state.withLock({ $0.index.entry(of: name) }) else { continue }
                    let record = IndexRecord(.added, name, time: 0, size: entry.size, content: entry.content)
                    remove(record, unlessIn: pins, &eviction)
                }
            }
        } catch {
            tell("cannot evict: \(error)")
        }
        return eviction
    }

    private func remove(
        _ record: IndexRecord,
        unlessIn pins: Set<ContentHash>,
        _ eviction: inout Eviction
    ) {
        guard !pins.contains(record.name) else {
            eviction.sparedCount += 1
            return
        }
        let path = path(of: record.name)
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor >= 0 {
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
                eviction.sparedCount += 1
                return
            }
            unlink(path)
            eviction.objectCount += 1
            eviction.byteCount += record.size
        }
        // `forget` throws only what it cannot read; the file is gone, and the next look-up finds that out.
        try? forget(record.name)
    }

    /// Frees space on a full disk: an eighth of what is here, and twice what is wanted at least.
    func makeRoom(forBytes count: Int64) -> Bool {
        let time = now()
        // When everything is open, looking again for every write would only take time.
        guard state.withLock({ $0.lastInVain != time }) else { return false }
        let total = totalSize
        let eviction = evict(
            to: max(0, total - max(total / 8, count.multipliedReportingOverflow(by: 2).partialValue))
        )
        guard eviction.byteCount > 0 else {
            state.withLock { $0.lastInVain = time }
            return false
        }
        tell("the disk of the cache \(directory) is full: \(eviction.byteCount) bytes were evicted")
        return true
    }
}
