// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSReader
internal import Digests
internal import ObjectCache
internal import Synchronization

/// The objects that one thread has open, the most recently used ones, so that a file that is read piece by
/// piece is not opened for every piece.
///
/// Bounded in number and in bytes: what is open cannot be evicted. One thread works at it; another one may take things away.
final class ObjectDesk: Sendable {
    /// Whether the object will be wanted again soon.
    enum Use {
        case inPieces
        case once
    }

    private struct Slot {
        let object: CachedObject
        var used: UInt64
    }

    private struct State {
        var slots: [ContentHash: Slot] = [:]
        var byteCount: Int64 = 0
        var clock: UInt64 = 0

        mutating func take(_ name: ContentHash) -> CachedObject? {
            guard let slot = slots.removeValue(forKey: name) else { return nil }
            byteCount -= slot.object.size
            return slot.object
        }
    }

    private let objects: ObjectFetcher
    private let countLimit: Int
    private let byteLimit: @Sendable () -> Int64
    private let state = Mutex(State())

    /// Keeps up to `countLimit` objects of together `byteLimit` bytes open, or one that is larger; the bound may change.
    init(_ objects: ObjectFetcher, countLimit: Int, byteLimit: @escaping @Sendable () -> Int64) {
        self.objects = objects
        self.countLimit = countLimit
        self.byteLimit = byteLimit
    }

    /// Returns an open object.
    ///
    /// - Throws: `NeedsFetch` if it is not on this machine and the policy says so; `ReaderProblem`.
    func object(
        _ wanted: ObjectFetcher.Wanted,
        _ policy: FetchPolicy,
        _ use: Use = .inPieces
    ) throws -> CachedObject {
        if let object = opened(wanted.hash) { return object }
        let object: CachedObject
        switch policy {
        case .localOnly:
            // Others would have to wait while it is hashed.
            guard !objects.isCostly(wanted), let cached = try objects.cached(wanted) else {
                throw NeedsFetch()
            }
            object = cached
        case .mayFetch: object = try objects.object(wanted)
        }
        if use == .inPieces { keep(object) }
        return object
    }

    private func opened(_ name: ContentHash) -> CachedObject? {
        state.withLock { state in
            state.clock &+= 1
            guard let index = state.slots.index(forKey: name) else { return nil }
            state.slots.values[index].used = state.clock
            return state.slots.values[index].object
        }
    }

    private func keep(_ object: CachedObject) {
        // Files are closed outside of the lock.
        var gone: [CachedObject] = []
        let byteLimit = byteLimit()
        state.withLock { state in
            while !state.slots.isEmpty,
                state.slots.count >= countLimit || state.byteCount + object.size > byteLimit
            {
                guard let oldest = state.slots.min(by: { $0.value.used < $1.value.used }),
                    let old = state.take(oldest.key)
                else { break }
                gone.append(old)
            }
            state.slots[object.name] = Slot(object: object, used: state.clock)
            state.byteCount += object.size
        }
    }

    /// Closes an object, so that the next use opens and verifies it again.
    func drop(_ name: ContentHash) { _ = state.withLock { $0.take(name) } }
}
