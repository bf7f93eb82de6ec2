// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import Digests
internal import FileTree
internal import Foundation

/// A catalog in memory that can be changed and written anew.
///
/// Meant for the catalogs that lead to images, which hold up to some ten thousand rows; the catalogs of an image itself
/// are written once and never edited.
final class EditableCatalog {
    /// A nested catalog: not loaded until something below it changes.
    struct Nested {
        var reference: CatalogReference?
        var loaded: EditableCatalog?
        /// What the parent's subtree counters hold of it; `nil` until it is wanted, since most stay as they are.
        var counted: CatalogCounters.Tally?
    }

    let prefix: TreePath
    private(set) var entries: [TreePath: CatalogEntry] = [:]
    private(set) var names: [TreePath: Set<[UInt8]>] = [:]
    private(set) var chunks: [TreePath: [FileChunk]] = [:]
    var nested: [TreePath: Nested] = [:]
    private(set) var binds: [TreePath: CatalogReference] = [:]
    private(set) var isChanged = false

    private var subtree = CatalogCounters.Tally()
    private var revision: UInt64 = 0
    private var previous: ContentHash?

    /// Makes an empty catalog with its root row.
    init(prefix: TreePath, root: CatalogEntry) {
        self.prefix = prefix
        var row = root
        row.flags = prefix.isRoot ? .directory : [.directory, .nestedRoot]
        entries[prefix] = row
        names[prefix] = []
        isChanged = true
    }

    /// Loads a catalog.
    init(prefix: TreePath, hash: ContentHash, from store: ObjectStore) throws {
        self.prefix = prefix
        let reader = try store.catalog(hash)
        revision = reader.revision
        previous = hash
        guard let root = try reader.entry(at: PathKey(path: TreeCatalogs.absolute(prefix))) else {
            throw PublisherProblem(.objectCorrupt, "the catalog of \(prefix) has no row for its own root")
        }
        guard let counters = CatalogCounters(rows: try reader.counters()) else {
            throw PublisherProblem(.objectCorrupt, "the catalog of \(prefix) lacks counters")
        }
        subtree = counters.subtree
        entries[prefix] = root
        try load(reader)
        for reference in try reader.nestedCatalogs() {
            nested[TreePath(reference.path)] = Nested(reference: reference, loaded: nil, counted: nil)
        }
        for reference in try reader.bindMountpoints() { binds[TreePath(reference.path)] = reference }
    }

    private func load(_ reader: CatalogReader) throws {
        var pending = [prefix]
        while let directory = pending.popLast() {
            let children = try reader.children(of: PathKey(path: TreeCatalogs.absolute(directory)))
            names[directory] = Set(children.map(\.name))
            for entry in children {
                let path = directory.appending(entry.name)
                entries[path] = entry
                if entry.flags.contains(.chunked), let algorithm = entry.flags.algorithm {
                    let key = PathKey(path: TreeCatalogs.absolute(path))
                    chunks[path] = try reader.chunks(of: key, algorithm: algorithm)
                }
                let isTransition = !entry.flags.isDisjoint(with: [.nestedMountpoint, .bindMountpoint])
                if entry.isDirectory, !isTransition { pending.append(path) }
            }
        }
    }

    // MARK: Changing

    /// Adds or replaces a row.
    func put(_ entry: CatalogEntry, at path: TreePath, chunks fileChunks: [FileChunk] = []) {
        entries[path] = entry
        chunks[path] = fileChunks.isEmpty ? nil : fileChunks
        if path != prefix { names[path.parent, default: []].insert(entry.name) }
        if entry.isDirectory, names[path] == nil { names[path] = [] }
        isChanged = true
    }

    /// Removes a row and everything below it that this catalog knows, nested catalogs with all they hold included.
    func remove(_ path: TreePath, in store: ObjectStore) throws {
        guard let entry = entries[path] else { return }
        for name in names[path] ?? [] { try remove(path.appending(name), in: store) }
        if let slot = nested.removeValue(forKey: path) { subtree -= try counted(slot, in: store) }
        binds[path] = nil
        names[path] = nil
        chunks[path] = nil
        entries[path] = nil
        names[path.parent]?.remove(path.name)
        if entry.linkGroup != 0 { leaveGroup(entry.linkGroup, in: path.parent) }
        isChanged = true
    }

    /// Counts one name less for the other members of a hard link group; the last one is an ordinary file again.
    ///
    /// - Source: cvmfs-format C.8.
    private func leaveGroup(_ group: UInt32, in directory: TreePath) {
        for name in names[directory] ?? [] {
            let path = directory.appending(name)
            guard var member = entries[path], member.linkGroup == group, member.linkCount > 1 else {
                continue
            }
            member.linkCount -= 1
            if member.linkCount == 1 { member.linkGroup = 0 }
            entries[path] = member
        }
    }

    /// Mounts a nested catalog that was written already.
    func graft(_ tree: WrittenTree, at path: TreePath) {
        put(tree.root, at: path)
        nested[path] = Nested(reference: tree.catalog, loaded: nil, counted: tree.total)
        subtree += tree.total
    }

    /// Mounts a nested catalog that is still in memory.
    func mount(_ catalog: EditableCatalog, at path: TreePath, row: CatalogEntry) {
        put(row, at: path)
        nested[path] = Nested(reference: nil, loaded: catalog, counted: CatalogCounters.Tally())
    }

    /// The nested catalog at a path, loaded.
    func loadNested(at path: TreePath, from store: ObjectStore) throws -> EditableCatalog? {
        guard var slot = nested[path] else { return nil }
        if let loaded = slot.loaded { return loaded }
        guard let reference = slot.reference else { return nil }
        let catalog = try EditableCatalog(prefix: path, hash: reference.hash, from: store)
        slot.loaded = catalog
        slot.counted = try Self.total(of: reference.hash, in: store)
        nested[path] = slot
        return catalog
    }

    /// Marks a directory as changed at a time.
    func touch(_ directory: TreePath, now: Int64) {
        entries[directory]?.mtime = now
        entries[directory]?.mtimeNanoseconds = 0
        isChanged = true
    }

    // MARK: Writing

    /// What a catalog became.
    struct Written {
        var reference: CatalogReference
        var total: CatalogCounters.Tally
        var root: CatalogEntry
        var revision: UInt64
    }

    /// Whether this catalog or a loaded one below it has to be written.
    var needsWriting: Bool { isChanged || nested.values.contains { $0.loaded?.needsWriting ?? false } }

    /// Writes the changed catalogs below, then this one.
    ///
    /// - Parameters:
    ///   - store: where the objects go.
    ///   - now: the time of the commit, unix seconds.
    ///   - minimumRevision: for the root catalog, the revision of the repository.
    ///   - timeToLive: for the root catalog, seconds.
    /// - Returns: the new catalog.
    /// - Throws: what the store and SQLite throw.
    func write(
        to store: ObjectStore,
        now: Int64,
        minimumRevision: UInt64 = 0,
        timeToLive: Int64? = nil
    ) throws -> Written {
        try writeNested(to: store, now: now)
        recountLinks()
        let writer = CatalogWriter(expectedRows: entries.count)
        let hasher = IncrementalDigest(.md5)
        for (path, entry) in orderedEntries {
            let row = CatalogRow(
                key: PathKey(path: TreeCatalogs.absolute(path), with: hasher),
                parent: path.isRoot
                    ? .parentOfRoot : PathKey(path: TreeCatalogs.absolute(path.parent), with: hasher),
                entry: entry
            )
            writer.add(row, chunks: chunks[path] ?? [])
        }
        for path in nested.keys.sorted(by: Self.order) {
            if let reference = nested[path]?.reference { writer.addNested(reference) }
        }
        for path in binds.keys.sorted(by: Self.order) {
            if let reference = binds[path] { writer.addBindMountpoint(reference) }
        }
        revision = max(revision + 1, minimumRevision)
        let (bytes, counters) = try writer.finish(
            CatalogWriter.Properties(
                rootPrefix: TreeCatalogs.absolute(prefix),
                revision: revision,
                lastModified: now,
                previousRevision: previous,
                timeToLive: timeToLive
            ),
            subtree: subtree
        )
        let hash = try store.putCompressed(bytes, .catalog)
        previous = hash
        isChanged = false
        return Written(
            reference: CatalogReference(
                path: TreeCatalogs.absolute(prefix),
                hash: hash,
                size: Int64(bytes.count)
            ),
            total: counters.total,
            root: entries[prefix]
                ?? CatalogEntry(name: [], mode: EntryType.directory.rawValue, flags: .directory),
            revision: revision
        )
    }

    private func writeNested(to store: ObjectStore, now: Int64) throws {
        for path in nested.keys.sorted(by: Self.order) {
            guard var slot = nested[path], let loaded = slot.loaded, loaded.needsWriting else { continue }
            let written = try loaded.write(to: store, now: now)
            subtree -= try counted(slot, in: store)
            subtree += written.total
            slot.counted = written.total
            slot.reference = written.reference
            nested[path] = slot
            // Both sides of a transition are the same directory.
            var row = written.root
            row.name = path.name
            row.flags = row.flags.subtracting(.nestedRoot).union(.nestedMountpoint)
            entries[path] = row
            isChanged = true
        }
    }

    /// Sets each directory's link count to two and one for each subdirectory.
    private func recountLinks() {
        for (path, children) in names where nested[path] == nil || path == prefix {
            let subdirectories = children.count { entries[path.appending($0)]?.isDirectory ?? false }
            entries[path]?.linkCount = UInt32(clamping: 2 + subdirectories)
        }
    }

    /// The rows, the root first, siblings next to each other.
    private var orderedEntries: [(TreePath, CatalogEntry)] {
        entries.sorted { left, right in
            if left.key == prefix { return right.key != prefix }
            if right.key == prefix { return false }
            let leftParent = left.key.parent
            let rightParent = right.key.parent
            if leftParent != rightParent { return Self.order(leftParent, rightParent) }
            return left.value.name.lexicographicallyPrecedes(right.value.name)
        }
        .map { ($0.key, $0.value) }
    }

    private static func order(_ left: TreePath, _ right: TreePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// The sizes of all files in a nested catalog and those below it.
    func contentSize(ofNested path: TreePath, in store: ObjectStore) throws -> Int64 {
        guard let slot = nested[path] else { return 0 }
        return try counted(slot, in: store).fileSize
    }

    /// The counters of a catalog and all below it.
    private static func total(of hash: ContentHash, in store: ObjectStore) throws -> CatalogCounters.Tally {
        guard let counters = CatalogCounters(rows: try store.catalog(hash).counters()) else {
            throw PublisherProblem(.objectCorrupt, "the catalog \(hash) lacks counters")
        }
        return counters.total
    }

    /// What this catalog's subtree counters hold of a nested one.
    private func counted(_ slot: Nested, in store: ObjectStore) throws -> CatalogCounters.Tally {
        if let counted = slot.counted { return counted }
        guard let reference = slot.reference else { return CatalogCounters.Tally() }
        return try Self.total(of: reference.hash, in: store)
    }
}
