// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

extension ObjectCache {
    /// Gives a finished file its name if the limit leaves room for it, evicting others first.
    ///
    /// Whatever goes wrong here costs only that the object is fetched again one day.
    func adopt(_ file: CompleteFile) throws(CacheProblem) -> CachedObject? {
        let record = IndexRecord(
            .added,
            file.name,
            time: now(),
            size: file.size,
            contentDigest: file.contentDigest,
            content: file.content
        )
        RecordLabel.write(record, to: file.descriptor)
        do throws(CacheProblem) {
            // Others may take the room that was made; who comes last gives up rather than exceed the limit.
            for _ in 0..<4 where makeWay(for: file.size) {
                guard let stamp = try name(file, record) else { continue }
                return CachedObject(
                    name: file.name,
                    content: file.content,
                    descriptor: file.descriptor,
                    stamp: stamp,
                    contentDigest: file.contentDigest,
                    path: path(of: file.name)
                )
            }
        } catch {
            tell("an object is not kept: \(error)")
        }
        return nil
    }

    /// Returns what the file looks like under its name; `nil` if there is no room for it.
    private func name(_ file: CompleteFile, _ record: IndexRecord) throws(CacheProblem) -> FileStamp? {
        try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
            try state.withLock { state throws(CacheProblem) in
                try state.index.catchUp()
                // Before the name is there: a stranger is an object without a record, and this one will have its own.
                if state.index.isDamaged { try settle(&state.index) }
                guard state.index.totalSize <= limitInBytes - file.size else { return nil }
                return try name(file, record, &state.index)
            }
        }
    }

    private func name(
        _ file: CompleteFile,
        _ record: IndexRecord,
        _ index: inout CacheIndex
    ) throws(CacheProblem) -> FileStamp {
        let target = path(of: file.name)
        try index.append(record)
        guard rename(file.temporary, target) == 0, let stamp = FileStamp(of: file.descriptor),
            stamp.size == file.size
        else {
            let cause = SystemCallProblem("rename", target)
            index.drop(file.name)
            throw CacheProblem(.write, "cannot add \(file.name)", cause: cause)
        }
        index.setVerified(file.name, stamp)
        return stamp
    }

    /// Evicts until `size` more bytes fit; returns whether they do.
    private func makeWay(for size: Int64) -> Bool {
        guard size <= limitInBytes else { return false }
        guard totalSize > limitInBytes - size else { return true }
        // Down to three quarters, so that not every object that comes has to push another one out.
        _ = evict(to: max(0, min(limitInBytes / 4 * 3, limitInBytes - size)))
        let fits = totalSize <= limitInBytes - size
        let isNews = state.withLock { state in
            defer { state.saysFull = !fits }
            return !fits && !state.saysFull
        }
        if isNews {
            tell("the cache is full of objects that are open or pinned: what is read now is not kept")
        }
        return fits
    }
}
