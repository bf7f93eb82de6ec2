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
