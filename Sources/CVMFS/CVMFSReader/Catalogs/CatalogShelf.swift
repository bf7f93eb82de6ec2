// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSCatalog
internal import CVMFSFormat
internal import Digests
internal import ObjectCache

/// The catalogs that one thread has open, each with its own connection.
///
/// Keeps the most recently used ones; the others are closed and opened again from the cache when needed. Belongs to one
/// thread: no locks stand between a look-up and SQLite.
package final class CatalogShelf {
    private struct Slot {
        let reader: CatalogReader
        /// Keeps the file from being evicted.
        let object: CachedObject
        var used: UInt64
    }

    private let objects: ObjectFetcher
    private let limit: Int
    private var slots: [ContentHash: Slot] = [:]
    private var clock: UInt64 = 0

    /// Keeps up to `limit` catalogs open.
    package init(_ objects: ObjectFetcher, limit: Int) {
        self.objects = objects
        self.limit = limit
    }

    /// How many catalogs are open.
    package var count: Int { slots.count }

    /// Returns the open catalog, opening or fetching it first if need be.
    ///
    /// - Throws: `NeedsFetch` if it is not on this machine and the policy says so; `ReaderProblem`.
    package func reader(_ place: CatalogPlace, _ policy: FetchPolicy) throws -> CatalogReader {
        clock &+= 1
        if let index = slots.index(forKey: place.hash) {
            slots.values[index].used = clock
            return slots.values[index].reader
        }
        let wanted = ObjectFetcher.Wanted(place.hash, .catalog)
        let object: CachedObject
        switch policy {
        case .localOnly:
            guard let cached = try objects.cached(wanted) else { throw NeedsFetch() }
            object = cached
        case .mayFetch: object = try objects.object(wanted)
        }
        let reader = try open(object, at: place)
        makeRoom()
        slots[place.hash] = Slot(reader: reader, object: object, used: clock)
        return reader
    }

    private func open(_ object: CachedObject, at place: CatalogPlace) throws(ReaderProblem) -> CatalogReader {
        let reader: CatalogReader
        do { reader = try CatalogReader(path: object.path) } catch {
            throw ReaderProblem(.corrupt, "the catalog \(place.hash) cannot be read", cause: error)
        }
        guard reader.rootPrefix == place.mountPath else {
            let (found, wanted) = (reader.rootPrefix, place.mountPath)
            throw ReaderProblem(
                .corrupt,
                "the catalog \(place.hash) is made for '\(String(decoding: found, as: UTF8.self))', "
                    + "not for '\(String(decoding: wanted, as: UTF8.self))'"
            )
        }
        return reader
    }

    private func makeRoom() {
        guard slots.count >= limit, let oldest = slots.min(by: { $0.value.used < $1.value.used }) else {
            return
        }
        slots[oldest.key] = nil
    }
}
