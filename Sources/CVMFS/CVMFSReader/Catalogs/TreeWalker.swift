// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSCatalog
package import CVMFSFormat
internal import Digests

/// Finds entries by name and path, entering nested catalogs and bind mountpoints as it goes.
///
/// Belongs to one thread.
package final class TreeWalker {
    private let shelf: CatalogShelf
    private let hasher = IncrementalDigest(.md5)
    /// The directory whose path was found last by its key: rows are mostly asked for directory by directory.
    private var lastDirectory: (catalog: ContentHash, key: PathKey, path: [UInt8])?

    /// Walks with the catalogs of a shelf.
    package init(_ shelf: CatalogShelf) { self.shelf = shelf }

    /// The key of a path.
    package func key(_ path: [UInt8]) -> PathKey { PathKey(path: path, with: hasher) }

    /// The entry of a directory itself.
    package func entry(of directory: DirectoryPlace, _ policy: FetchPolicy) throws -> CatalogEntry? {
        try shelf.reader(directory.catalog, policy).entry(at: key(directory.path))
    }

    /// The entry at a path of a directory's tree that the directory's catalog itself holds.
    package func entry(
        at path: [UInt8],
        in catalog: CatalogPlace,
        _ policy: FetchPolicy
    ) throws -> CatalogEntry? {
        try shelf.reader(catalog, policy).entry(at: key(path))
    }

    /// The entry in a row of a catalog, with its path, which is put together from the names above it.
    ///
    /// - Returns: `nil` if there is no such row.
    /// - Throws: `NeedsFetch`; `corrupt` if the names lead nowhere.
    package func entry(
        ofRow rowID: Int64,
        in catalog: CatalogPlace,
        _ policy: FetchPolicy
    ) throws -> FoundEntry? {
        let reader = try shelf.reader(catalog, policy)
        guard let row = try reader.row(number: rowID) else { return nil }
        guard row.key != key(catalog.mountPath) else {
            return FoundEntry(entry: row.entry, catalog: catalog, path: catalog.mountPath)
        }
        let directory = try path(of: row.parent, in: catalog, reader)
        let path = DirectoryPlace(catalog: catalog, path: directory).path(of: row.entry.name)
        return FoundEntry(entry: row.entry, catalog: catalog, path: path)
    }

    /// The path of the directory of a key.
    private func path(of key: PathKey, in catalog: CatalogPlace, _ reader: CatalogReader) throws -> [UInt8] {
        if let last = lastDirectory, last.key == key, last.catalog == catalog.hash { return last.path }
        let root = self.key(catalog.mountPath)
        var names: [[UInt8]] = []
        var above = key
        while above != root {
            // The kernel has no longer paths, and a circle has no end.
            guard names.count < 4096, let row = try reader.row(at: above) else {
                throw ReaderProblem(.corrupt, "the catalog \(catalog.hash) has a row without a directory")
            }
            names.append(row.entry.name)
            above = row.parent
        }
        var path = catalog.mountPath
        for name in names.reversed() {
            path.append(UInt8(ascii: "/"))
            path += name
        }
        lastDirectory = (catalog.hash, key, path)
        return path
    }

    /// The catalog of a directory, for listings.
    package func catalog(of directory: DirectoryPlace, _ policy: FetchPolicy) throws -> CatalogReader {
        try shelf.reader(directory.catalog, policy)
    }

    /// Where the children of a directory are, given its entry.
    ///
    /// - Parameters:
    ///   - entry: a directory.
    ///   - path: its path in the tree of `catalog`.
    ///   - catalog: holds the entry.
    ///   - policy: whether a nested catalog's parent may be fetched.
    /// - Returns: the catalog and the path in its tree.
    /// - Throws: `corrupt` if a transition point leads nowhere.
    package func place(
        of entry: CatalogEntry,
        at path: [UInt8],
        in catalog: CatalogPlace,
        _ policy: FetchPolicy
    ) throws -> DirectoryPlace {
        let isBound = entry.flags.contains(.bindMountpoint)
        guard isBound || entry.flags.contains(.nestedMountpoint) else {
            return DirectoryPlace(catalog: catalog, path: path)
        }
        let reader = try shelf.reader(catalog, policy)
        guard
            let reference = isBound ? try reader.bindMountpoint(at: path) : try reader.nestedCatalog(at: path)
        else {
            let name = String(decoding: path, as: UTF8.self)
            throw ReaderProblem(.corrupt, "the catalog \(catalog.hash) names no catalog for '\(name)'")
        }
        return isBound
            ? .root(reference.hash)
            : DirectoryPlace(catalog: CatalogPlace(hash: reference.hash, mountPath: path), path: path)
    }

    /// Follows a path from a root, without following symbolic links.
    ///
    /// - Parameters:
    ///   - path: components; empty for the root itself.
    ///   - root: where to start.
    ///   - policy: whether catalogs may be fetched.
    /// - Returns: the entry and the catalog that holds it with its path there; `nil` if there is none.
    /// - Throws: `NeedsFetch`, `ReaderProblem`.
    package func find(
        _ path: [[UInt8]],
        from root: DirectoryPlace,
        _ policy: FetchPolicy
    ) throws -> FoundEntry? {
        guard var entry = try entry(of: root, policy) else { return nil }
        var (directory, catalog, entryPath) = (root, root.catalog, root.path)
        for name in path {
            guard entry.isDirectory else { return nil }
            directory = try place(of: entry, at: entryPath, in: catalog, policy)
            (catalog, entryPath) = (directory.catalog, directory.path(of: name))
            guard let child = try shelf.reader(catalog, policy).entry(at: key(entryPath)) else { return nil }
            entry = child
        }
        return FoundEntry(entry: entry, catalog: catalog, path: entryPath)
    }
}

/// An entry together with where it is written down.
package struct FoundEntry: Sendable {
    package let entry: CatalogEntry
    /// The catalog that holds the entry; for a transition point that of the parent.
    package let catalog: CatalogPlace
    /// The path in the catalog's tree.
    package let path: [UInt8]

    /// Joins an entry and its place.
    package init(entry: CatalogEntry, catalog: CatalogPlace, path: [UInt8]) {
        self.entry = entry
        self.catalog = catalog
        self.path = path
    }
}
