// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
package import CVMFSFormat
internal import Digests
package import FileTree

/// Changes the tree of a repository: a transaction in memory, over the catalogs that it touches only.
///
/// Not safe to use from two threads. Nothing is visible before `RepositoryPublisher.commit`.
package final class CatalogEditor {
    let root: EditableCatalog
    private let store: ObjectStore
    private let contents: ContentStore
    private let emptyFile: ContentHash
    /// The time of the commit, unix seconds: what new directories and files get.
    package let now: Int64

    init(
        root: EditableCatalog,
        store: ObjectStore,
        contents: ContentStore,
        emptyFile: ContentHash,
        now: Int64
    ) {
        self.root = root
        self.store = store
        self.contents = contents
        self.emptyFile = emptyFile
        self.now = now
    }

    /// Returns the row of a path; `nil` if there is none.
    package func entry(at path: TreePath) throws -> CatalogEntry? {
        try catalog(holding: path).entries[path]
    }

    /// Returns the names in a directory; empty if it is none.
    package func names(in directory: TreePath) throws -> [[UInt8]] {
        try catalog(inside: directory).names[directory].map { $0.sorted { $0.lexicographicallyPrecedes($1) } }
            ?? []
    }

    /// Makes a directory and those above it that are missing, mode 0755, owned by root.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - ownsCatalog: whether a directory of this path begins a nested catalog when it is made.
    /// - Throws: `notADirectory` if something else is in the way.
    package func makeDirectory(_ path: TreePath, ownsCatalog: (TreePath) -> Bool = { _ in false }) throws {
        guard !path.isRoot else { return }
        if let existing = try entry(at: path) {
            guard existing.isDirectory else {
                throw PublisherProblem(.notADirectory, "\(path) exists and is not a directory")
            }
            return
        }
        try makeDirectory(path.parent, ownsCatalog: ownsCatalog)
        var row = CatalogEntry(
            name: path.name,
            mode: EntryType.directory.rawValue | 0o755,
            size: 4096,
            mtime: now,
            mtimeNanoseconds: 0,
            flags: .directory,
            linkCount: 2
        )
        let parent = try catalog(inside: path.parent)
        if ownsCatalog(path) {
            let nested = EditableCatalog(prefix: path, root: row)
            nested.put(markerRow, at: path.appending(TreeCatalogs.marker))
            row.flags.insert(.nestedMountpoint)
            parent.mount(nested, at: path, row: row)
        } else {
            parent.put(row, at: path)
        }
        parent.touch(path.parent, now: now)
    }

    /// Adds an entry, replacing what has the name; its directory must exist.
    package func put(_ entry: CatalogEntry, at path: TreePath, chunks: [FileChunk] = []) throws {
        let catalog = try directoryCatalog(of: path)
        try catalog.remove(path, in: store)
        var row = entry
        row.name = path.name
        catalog.put(row, at: path, chunks: chunks)
        catalog.touch(path.parent, now: now)
    }

    /// Returns the number from which on hard link groups are free in the catalog of a directory.
    ///
    /// Cost: a look at each row of that catalog.
    package func firstFreeLinkGroup(in directory: TreePath) throws -> UInt32 {
        let last = try catalog(inside: directory).entries.values.reduce(0) { max($0, $1.linkGroup) }
        let (next, overflow) = last.addingReportingOverflow(1)
        // Group 0 means none: names then share their content, and not an inode.
        return overflow ? 0 : next
    }

    /// Gives a directory new attributes and keeps what is in it.
    package func updateDirectory(_ entry: CatalogEntry, at path: TreePath) throws {
        let catalog = try catalog(inside: path)
        guard let old = catalog.entries[path], old.isDirectory else {
            throw PublisherProblem(.notADirectory, "\(path) is not a directory")
        }
        var row = entry
        row.name = old.name
        row.flags = old.flags
        catalog.put(row, at: path)
    }

    /// Adds a symbolic link, replacing what has the name; its directory must exist.
    ///
    /// A link that is the same already is left alone.
    package func putLink(to target: [UInt8], at path: TreePath) throws {
        if let old = try entry(at: path), old.flags.contains(.symbolicLink), old.linkTarget == target {
            return
        }
        try put(
            CatalogEntry(
                name: path.name,
                mode: EntryType.symbolicLink.rawValue | 0o777,
                size: Int64(target.count),
                mtime: now,
                mtimeNanoseconds: 0,
                flags: [.file, .symbolicLink],
                linkTarget: target
            ),
            at: path
        )
    }

    /// Adds a small regular file of mode 0644; one that is the same already is left alone.
    package func putFile(_ content: [UInt8], at path: TreePath) throws {
        // By way of the contents, so that its name is never taken for another content's.
        let object = content.isEmpty ? ContentObject(emptyFile) : try contents.object(forSmall: content)
        if let old = try entry(at: path), !old.isDirectory, old.hash == object.hash,
            old.size == Int64(content.count)
        {
            return
        }
        try put(
            CatalogEntry(
                name: path.name,
                mode: EntryType.regular.rawValue | 0o644,
                size: Int64(content.count),
                mtime: now,
                mtimeNanoseconds: 0,
                flags: .regular(object.hash.algorithm, object.isPlain ? .none : .zlib, chunked: false),
                hash: object.hash
            ),
            at: path
        )
    }

    /// Mounts a written tree, replacing what has the name; its directory must exist.
    package func graft(_ tree: WrittenTree, at path: TreePath) throws {
        let catalog = try directoryCatalog(of: path)
        try catalog.remove(path, in: store)
        catalog.graft(tree, at: path)
        catalog.touch(path.parent, now: now)
    }

    /// Removes an entry and everything below it; returns whether there was one.
    @discardableResult
    package func remove(_ path: TreePath) throws -> Bool {
        let catalog = try catalog(holding: path)
        guard !path.isRoot, catalog.entries[path] != nil else { return false }
        try catalog.remove(path, in: store)
        catalog.touch(path.parent, now: now)
        return true
    }

    /// Removes directories upward from a path as long as they hold nothing but a catalog marker.
    package func removeEmptyDirectories(from path: TreePath, below limit: TreePath) throws {
        var directory = path
        while directory != limit, directory.isInside(limit), !directory.isRoot {
            let names = try names(in: directory)
            guard names.allSatisfy({ $0 == TreeCatalogs.marker }) else { return }
            try remove(directory)
            directory = directory.parent
        }
    }

    /// Returns the content of a small file; `nil` if there is no regular file of one object at the path.
    package func content(of path: TreePath) throws -> [UInt8]? {
        guard let entry = try entry(at: path), !entry.isDirectory, let hash = entry.hash else { return nil }
        return try store.read(hash, .file)
    }

    /// Returns the sum of the sizes of all files in the catalogs that begin at a directory; 0 if none does.
    package func contentSize(below path: TreePath) throws -> Int64 {
        guard !path.isRoot else { return 0 }
        return try catalog(inside: path.parent).contentSize(ofNested: path, in: store)
    }

    // MARK: Finding catalogs

    /// The catalog that has the row of a path: for the root of a nested catalog, the parent.
    private func catalog(holding path: TreePath) throws -> EditableCatalog {
        path.isRoot ? root : try catalog(inside: path.parent)
    }

    /// The catalog that has the entries of a directory.
    private func catalog(inside directory: TreePath) throws -> EditableCatalog {
        var catalog = root
        var path = TreePath.root
        for component in directory.components {
            path = path.appending(component)
            if let nested = try catalog.loadNested(at: path, from: store) { catalog = nested }
        }
        return catalog
    }

    private func directoryCatalog(of path: TreePath) throws -> EditableCatalog {
        let catalog = try catalog(inside: path.parent)
        guard catalog.entries[path.parent]?.isDirectory ?? false else {
            throw PublisherProblem(.notADirectory, "\(path.parent) is not a directory of the repository")
        }
        return catalog
    }

    private var markerRow: CatalogEntry {
        CatalogEntry(
            name: TreeCatalogs.marker,
            mode: EntryType.regular.rawValue | 0o644,
            mtime: now,
            mtimeNanoseconds: 0,
            flags: .regular(emptyFile.algorithm, .zlib, chunked: false),
            hash: emptyFile
        )
    }
}
