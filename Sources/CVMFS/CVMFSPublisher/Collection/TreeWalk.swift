// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
package import CVMFSFormat
package import Digests
package import FileTree

/// Goes through the entries of a revision, catalog by catalog, as far as somebody wants to see them.
package struct TreeWalk {
    private let objects: ObjectStore

    /// Reads the catalogs from a store.
    package init(objects: ObjectStore) { self.objects = objects }

    /// Calls `body` for each entry, directories before what they hold.
    ///
    /// - Parameters:
    ///   - root: the root catalog.
    ///   - body: gets the path and the entry; for a directory it tells whether to go into it.
    /// - Throws: what reading catalogs and `body` throw.
    package func forEach(
        from root: ContentHash,
        _ body: (TreePath, CatalogEntry) throws -> Bool
    ) throws {
        try walk(try objects.catalog(root), from: .root, body)
    }

    private func walk(
        _ catalog: CatalogReader,
        from top: TreePath,
        _ body: (TreePath, CatalogEntry) throws -> Bool
    ) throws {
        var nested: [TreePath] = []
        var pending = [top]
        while let directory = pending.popLast() {
            for entry in try catalog.children(of: PathKey(path: TreeCatalogs.absolute(directory))) {
                let path = directory.appending(entry.name)
                guard try body(path, entry), entry.isDirectory else { continue }
                if entry.flags.contains(.nestedMountpoint) {
                    nested.append(path)
                } else if !entry.flags.contains(.bindMountpoint) {
                    pending.append(path)
                }
            }
        }
        for path in nested {
            guard let reference = try catalog.nestedCatalog(at: TreeCatalogs.absolute(path)) else {
                throw PublisherProblem(.objectCorrupt, "the catalog mounted at \(path) has no reference")
            }
            try walk(try objects.catalog(reference.hash), from: path, body)
        }
    }
}
