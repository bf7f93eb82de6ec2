// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
internal import Problems
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// What a person may want to know of a cache and do to it, also while mounts use it.
extension ObjectCache {
    /// One object.
    package struct Item: Sendable {
        package let name: ContentHash
        package let size: Int64
        /// Unix seconds of the last use, in steps of ten minutes; 0 for what shall go first.
        package let used: Int64
        package let content: CachedContent

        /// What a list says of it.
        package func line(isPinned: Bool) -> String {
            "\(name) \(size) \(used) \(content == .metadata ? "metadata" : "data")\(isPinned ? " pinned" : "")"
        }
    }

    /// How many objects the cache holds, as far as this process has heard.
    package var objectCount: Int { state.withLock { $0.index.count } }

    /// All objects, the least recently used ones first.
    ///
    /// Others read on meanwhile: the state is locked for a part of the list at a time.
    package func items() throws(CacheProblem) -> [Item] {
        while true {
            let (uses, edition) = try state.withLock { state throws(CacheProblem) in
                try state.index.catchUp()
                return (state.index.uses(), state.index.edition)
            }
            // The index was written anew in between: its records have other numbers now.
            if let items = items(uses[...], of: edition) { return items }
        }
    }

    private func items(_ uses: ArraySlice<(used: UInt32, record: UInt32)>, of edition: Int) -> [Item]? {
        var (items, rest) = ([Item](), uses)
        while !rest.isEmpty {
            let part = rest.prefix(Self.listingStep)
            rest = rest.dropFirst(part.count)
            let isSame = state.withLock { state in
                for (used, number) in part {
                    guard let record = state.index.record(number) else { continue }
                    items.append(
                        Item(name: record.name, size: record.size, used: Int64(used), content: record.content)
                    )
                }
                return state.index.edition == edition
            }
            guard isSame else { return nil }
        }
        return items
    }

    /// So many records are read in a millisecond.
    private static let listingStep = 256

    // MARK: Pins

    /// What is pinned, by label.
    package var pins: [(label: String, names: [ContentHash])] { PinLists(directory).all() }

    /// Keeps objects until the label is unpinned; what was pinned under the label before is replaced.
    ///
    /// - Throws: `tooMuch` if the pinned objects would leave less than a quarter of the limit for all others; `write`.
    package func pin(_ names: Set<ContentHash>, as label: String) throws(CacheProblem) {
        try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
            let lists = PinLists(directory)
            var all = names
            for list in lists.all() where list.label != label { all.formUnion(list.names) }
            let size = try items().reduce(Int64(0)) { all.contains($1.name) ? $0 &+ $1.size : $0 }
            guard size <= limitInBytes / 4 * 3 else {
                throw CacheProblem(
                    .tooMuch,
                    "\(size) bytes would be pinned, more than three quarters of the \(limitInBytes) that the cache may hold"
                )
            }
            try lists.write(label, names.sorted { $0.description < $1.description })
        }
    }

    /// Lets go of what a label pinned; returns whether there was such a label.
    package func unpin(_ label: String) throws(CacheProblem) -> Bool {
        try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
            PinLists(directory).remove(label)
        }
    }

    private func forgetIfGone(_ name: ContentHash) throws(CacheProblem) {
        try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
            if access(path(of: name), F_OK) != 0 { try forget(name) }
        }
    }

    // MARK: Checking

    /// What a check found.
    package struct CheckResult: Sendable {
        package var checkedCount = 0
        package var checkedBytes: Int64 = 0
        /// Objects with another content than their record says; they are in quarantine now.
        package var damaged: [ContentHash] = []
        /// Records without an object.
        package var missingCount = 0
        /// Objects without a record whose own label stood in for it.
        package var foundCount = 0
        /// Objects without a record and without a label; they were removed.
        package var removedCount = 0
    }

    /// Reads every object and compares it with its record, and brings index and directory together.
    ///
    /// Mounts go on meanwhile, and fetch again what is put aside.
    package func check(progress: (CheckResult) -> Void) throws(CacheProblem) -> CheckResult {
        var result = CheckResult()
        try CacheDirectory.withLock(of: directory) { () throws(CacheProblem) in
            try state.withLock { state throws(CacheProblem) in
                try state.index.catchUp()
                let strangers = try CacheDirectory.settleStrangers(in: directory, &state.index)
                (result.foundCount, result.removedCount) = (strangers.found, strangers.removed)
            }
        }
        for item in try items() {
            let entry = state.withLock { $0.index.entry(of: item.name) }
            guard let entry else { continue }
            let descriptor = Glibc.open(path(of: item.name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else {
                result.missingCount += 1
                try forgetIfGone(item.name)
                continue
            }
            defer { close(descriptor) }
            if FileStamp(of: descriptor)?.size != entry.size
                || ContentDigest.of(descriptor) != entry.contentDigest
            {
                try quarantine(item.name)
                result.damaged.append(item.name)
            }
            result.checkedCount += 1
            result.checkedBytes &+= item.size
            progress(result)
        }
        return result
    }
}
