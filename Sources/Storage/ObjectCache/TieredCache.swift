// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// Two stores, one above the other: what only the lower one has is copied up, and what is fetched goes to the upper
/// one, and to the lower one too if it may be written.
///
/// - Source: cvmfs-format H.10.
package final class TieredCache: CacheStore {
    private let upper: any CacheStore
    private let lower: any CacheStore
    private let writesLower: Bool

    /// Puts one store above another.
    package init(upper: any CacheStore, lower: any CacheStore, writesLower: Bool) {
        self.upper = upper
        self.lower = lower
        self.writesLower = writesLower
    }

    package var tended: ObjectCache? { upper.tended }
    package var directory: String { upper.directory }
    package var limitInBytes: Int64 { upper.limitInBytes }
    package var totalSize: Int64 { upper.totalSize }
    package var joinLimitInBytes: Int64 { upper.joinLimitInBytes }

    package func open(_ name: ContentHash) throws(CacheProblem) -> CachedObject? {
        if let object = try upper.open(name) { return object }
        guard let object = try lower.open(name) else { return nil }
        // A copy that cannot be made costs time, not the read.
        return (try? Self.copy(object, to: upper)) ?? object
    }

    package func cleanupCount(since time: Int64) -> Int {
        upper.cleanupCount(since: time) + lower.cleanupCount(since: time)
    }

    package func isCostly(_ name: ContentHash) -> Bool { upper.isCostly(name) || lower.isCostly(name) }

    package func begin(_ content: CachedContent) throws(CacheProblem) -> CacheTransaction {
        let transaction = try upper.begin(content)
        guard writesLower else { return transaction }
        transaction.onCommit = { [lower] object in _ = try? Self.copy(object, to: lower) }
        return transaction
    }

    package func quarantine(_ name: ContentHash) throws(CacheProblem) {
        try upper.quarantine(name)
        if writesLower { try lower.quarantine(name) }
    }

    package func demote(_ names: [ContentHash]) { upper.demote(names) }

    package func end() {
        upper.end()
        lower.end()
    }

    private static func copy(
        _ object: CachedObject,
        to store: any CacheStore
    ) throws(CacheProblem) -> CachedObject {
        let transaction = try store.begin(object.content)
        try transaction.append(object)
        return try transaction.commit(as: object.name)
    }
}
