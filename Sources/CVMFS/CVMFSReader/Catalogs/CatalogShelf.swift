// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSCatalog
internal import CVMFSFormat
internal import Digests
internal import ObjectCache

/// The catalogs that one thread has open, each with its own connection.
///
/// Keeps the most recently used ones; the others go to the library if there is one, else they are closed and opened
/// again from the cache when needed. Belongs to one thread: no locks stand between a look-up and SQLite.
package final class CatalogShelf {
    private struct Slot {
        let catalog: CatalogLibrary.OpenCatalog
        var used: UInt64
    }

    private let objects: ObjectFetcher
    private let limit: Int
    private let library: CatalogLibrary?
    private var slots: [ContentHash: Slot] = [:]
    private var clock: UInt64 = 0
    private let onFetch: ((CatalogPlace) -> Void)?

    /// Makes an empty shelf.
    ///
    /// - Parameters:
    ///   - objects: where catalogs come from.
    ///   - limit: how many stay open, besides those that are in the library.
    ///   - library: takes those that there is no room for.
    ///   - onFetch: is told of each catalog that had to be waited for.
    package init(
        _ objects: ObjectFetcher,
        limit: Int,
        library: CatalogLibrary? = nil,
        onFetch: ((CatalogPlace) -> Void)? = nil
    ) {
        self.objects = objects
        self.onFetch = onFetch
        self.limit = limit
        self.library = library
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
            return slots.values[index].catalog.reader
        }
        let catalog = try library?.take(place.hash) ?? open(place, policy)
        makeRoom()
        slots[place.hash] = Slot(catalog: catalog, used: clock)
        return catalog.reader
    }

    private func open(_ place: CatalogPlace, _ policy: FetchPolicy) throws -> CatalogLibrary.OpenCatalog {
        let wanted = ObjectFetcher.Wanted(place.hash, .catalog)
        let object: CachedObject
        if let cached = try objects.cached(wanted) {
            object = cached
        } else {
            guard policy == .mayFetch else { throw NeedsFetch() }
            object = try objects.object(wanted)
            onFetch?(place)
        }
        return CatalogLibrary.OpenCatalog(
            hash: place.hash,
            reader: try open(object, at: place),
            object: object
        )
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
        library?.put(oldest.value.catalog)
    }
}
