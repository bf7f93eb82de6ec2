// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Synchronization

/// A store that keeps metadata alone: the contents of files are fetched for their readers and then gone.
///
/// The last few contents stay as long as they are few and small, since the kernel reads a file in pieces, from several
/// threads.
/// - Source: cvmfs-format H.2, `CVMFS_STREAMING_CACHE`.
package final class StreamingCache: CacheStore {
    private struct Recent {
        var objects: [CachedObject] = []
        var byteCount: Int64 = 0
    }

    private static let recentCount = 64
    private static let recentBytes: Int64 = 64 << 20

    private let kept: any CacheStore
    private let recent = Mutex(Recent())

    /// Keeps metadata, and what was kept before, in a store.
    package init(keepingMetadataIn kept: any CacheStore) { self.kept = kept }

    package var tended: ObjectCache? { kept.tended }
    package var directory: String { kept.directory }
    package var limitInBytes: Int64 { kept.limitInBytes }
    package var totalSize: Int64 { kept.totalSize }
    /// Nothing is here that could be joined.
    package var joinLimitInBytes: Int64 { 0 }

    package func open(_ name: ContentHash) throws(CacheProblem) -> CachedObject? {
        if let object = recent.withLock({ $0.objects.last { $0.name == name } }) { return object }
        return try kept.open(name)
    }

    package func cleanupCount(since time: Int64) -> Int { kept.cleanupCount(since: time) }
    package func isCostly(_ name: ContentHash) -> Bool { kept.isCostly(name) }
    package func begin(_ content: CachedContent) throws(CacheProblem) -> CacheTransaction {
        let transaction = try kept.begin(content)
        guard content == .data else { return transaction }
        transaction.keeping = .nameless
        transaction.onCommit = { [weak self] in self?.remember($0) }
        return transaction
    }

    package func quarantine(_ name: ContentHash) throws(CacheProblem) {
        recent.withLock { recent in
            for object in recent.objects where object.name == name { recent.byteCount -= object.size }
            recent.objects.removeAll { $0.name == name }
        }
        try kept.quarantine(name)
    }

    package func end() { kept.end() }

    private func remember(_ object: CachedObject) {
        // Closed outside of the lock.
        var gone: [CachedObject] = []
        recent.withLock { recent in
            recent.objects.append(object)
            recent.byteCount += object.size
            while recent.objects.count > Self.recentCount
                || recent.byteCount > Self.recentBytes && recent.objects.count > 1
            {
                let first = recent.objects.removeFirst()
                recent.byteCount -= first.size
                gone.append(first)
            }
        }
    }
}
