// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import Digests
internal import ObjectCache
internal import Synchronization

/// The open catalogs that no thread is using, shared by the shelves of all threads.
///
/// What a shelf has no room for is put here and may be taken by any thread: the number of open catalogs, and with it
/// their memory, is bounded by this one limit instead of by one for each thread.
package final class CatalogLibrary: Sendable {
    /// A catalog that belongs to whoever holds this value.
    ///
    /// Unchecked: SQLite lets a connection move between threads (multi-thread mode), and the library hands each to one
    /// shelf at a time, which no longer has it once it is back.
    struct OpenCatalog: @unchecked Sendable {
        let hash: ContentHash
        let reader: CatalogReader
        /// Keeps the file from being evicted.
        let object: CachedObject
    }

    private let limit: Int
    /// The one that was put back last is the last.
    private let shelved = Mutex<[OpenCatalog]>([])

    /// Keeps up to `limit` catalogs that are not in use.
    package init(limit: Int) { self.limit = limit }

    /// How many catalogs wait to be used again.
    package var count: Int { shelved.withLock { $0.count } }

    /// Closes those that are not in use.
    package func removeAll() {
        let closed = shelved.withLock { shelved in
            defer { shelved = [] }
            return shelved
        }
        // Closed outside of the lock.
        _ = closed
    }

    /// Hands out a catalog if there is one of that content.
    func take(_ hash: ContentHash) -> OpenCatalog? {
        shelved.withLock { shelved in
            shelved.lastIndex { $0.hash == hash }.map { shelved.remove(at: $0) }
        }
    }

    /// Takes a catalog back; the one that waited longest is closed if there are too many.
    func put(_ catalog: OpenCatalog) {
        catalog.reader.releaseMemory()
        // Closed outside of the lock.
        _ = shelved.withLock { shelved -> OpenCatalog? in
            shelved.append(catalog)
            return shelved.count > limit ? shelved.removeFirst() : nil
        }
    }
}
