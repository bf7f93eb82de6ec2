// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import ObjectCache

/// What an administrator does to the cache of a mount that runs.
struct CacheControl {
    private let state: MountState

    init(_ state: MountState) { self.state = state }

    private static let untended = "not done: this kind of cache is tended by somebody else"

    /// Bounds the cache anew, for this mount and until it ends; what is too much goes at once.
    func setLimit(megabytes: Int64) -> String {
        guard let cache = state.cache.tended else { return Self.untended }
        cache.setLimit(inBytes: megabytes << 20)
        state.report("the cache's limit was set to \(megabytes) MB by hand")
        return "OK"
    }

    /// Removes what was not used for the longest time, until no more than so much is left.
    func cleanUp(megabytes: Int64) -> String {
        guard let cache = state.cache.tended else { return Self.untended }
        _ = cache.evict(to: megabytes << 20)
        return cache.totalSize <= megabytes << 20 ? "OK" : "Not fully cleaned (what is open or pinned stays)"
    }

    /// How often room was made in the last minutes, of which a day is remembered.
    func cleanupCount(minutes: Int64, now: Int64) -> String {
        "\(state.cache.cleanupCount(since: now - minutes * 60))"
    }

    /// Removes the objects of one file.
    func evict(_ path: String) -> String {
        guard let cache = state.cache.tended else { return Self.untended }
        do {
            let walker = TreeWalker(CatalogShelf(state.reader.objects, limit: 1))
            let components = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
            guard let found = try walker.find(components, from: state.shown.root, .mayFetch),
                found.entry.isRegular
            else { return "No such regular file" }
            let names: [ContentHash]
            if found.entry.flags.contains(.chunked) {
                let chunks = try FileObjects.chunks(of: found, walker, .mayFetch)
                names = chunks.map(\.hash) + [ObjectFetcher.joinedName(of: chunks)]
            } else {
                names = [try FileObjects.whole(found).hash]
            }
            // What a thread keeps open only for its next read is not in use.
            state.desks.drop(names)
            return cache.evict(names).sparedCount == 0 ? "OK" : "not done: the file is open, or pinned"
        } catch {
            return "Failed: \(error)"
        }
    }

    /// A list is put together in the memory of the mount, some hundred bytes for each object.
    private static let listLimit = 50_000

    /// One line for each object: name, bytes, time of the last use, kind, and `pinned`; those that would go first come first.
    func list(_ selection: ControlCommand.CacheSelection) -> String {
        guard let cache = state.cache.tended else { return Self.untended }
        guard cache.objectCount <= Self.listLimit else {
            return
                "not done: \(cache.objectCount) objects are too many for a mount to list; use wharf client cache ls"
        }
        do {
            let pinned = Set(cache.pins.flatMap(\.names))
            return try cache.items().lazy.filter { item in
                switch selection {
                case .all: true
                case .pinned: pinned.contains(item.name)
                case .catalogs: item.content == .metadata
                }
            }
            .map { $0.line(isPinned: pinned.contains($0.name)) + "\n" }.joined()
        } catch {
            return "Failed: \(error)"
        }
    }
}
