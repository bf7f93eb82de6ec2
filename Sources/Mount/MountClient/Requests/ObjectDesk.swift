// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import Digests
internal import ObjectCache

/// The objects that one thread has open, the most recently used ones, so that a file that is read piece by
/// piece is not opened for every piece.
///
/// Belongs to one thread.
final class ObjectDesk {
    private struct Slot {
        let object: CachedObject
        var used: UInt64
    }

    private let objects: ObjectFetcher
    private let limit: Int
    private var slots: [ContentHash: Slot] = [:]
    private var clock: UInt64 = 0

    init(_ objects: ObjectFetcher, limit: Int) {
        self.objects = objects
        self.limit = limit
    }

    /// Returns an open object.
    ///
    /// - Throws: `NeedsFetch` if it is not on this machine and the policy says so; `ReaderProblem`.
    func object(_ wanted: ObjectFetcher.Wanted, _ policy: FetchPolicy) throws -> CachedObject {
        clock &+= 1
        if let index = slots.index(forKey: wanted.hash) {
            slots.values[index].used = clock
            return slots.values[index].object
        }
        let object: CachedObject
        switch policy {
        case .localOnly:
            guard let cached = try objects.cached(wanted) else { throw NeedsFetch() }
            object = cached
        case .mayFetch: object = try objects.object(wanted)
        }
        if slots.count >= limit, let oldest = slots.min(by: { $0.value.used < $1.value.used }) {
            slots[oldest.key] = nil
        }
        slots[wanted.hash] = Slot(object: object, used: clock)
        return object
    }

    /// Closes an object, so that the next use opens and verifies it again.
    func drop(_ name: ContentHash) { slots[name] = nil }
}
