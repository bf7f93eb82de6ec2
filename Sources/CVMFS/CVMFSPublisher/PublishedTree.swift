// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
package import CVMFSFormat
package import Digests
package import FileTree

/// Reads one revision of a repository from its own objects, without a client.
package final class PublishedTree {
    private let objects: ObjectStore
    private let root: CatalogReader
    private var open: [TreePath: CatalogReader] = [:]

    /// Opens the root catalog of a revision.
    package init(objects: ObjectStore, rootCatalog: ContentHash) throws {
        self.objects = objects
        root = try objects.catalog(rootCatalog)
    }

    /// Returns the row of a path; `nil` if there is none.
    package func entry(at path: TreePath) throws -> CatalogEntry? {
        let catalog = path.isRoot ? root : try catalog(of: path.parent)
        return try catalog.entry(at: PathKey(path: TreeCatalogs.absolute(path)))
    }

    /// Returns the entries of a directory, sorted by name.
    package func children(of directory: TreePath) throws -> [CatalogEntry] {
        try catalog(of: directory).children(of: PathKey(path: TreeCatalogs.absolute(directory)))
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// Returns the chunks of a file.
    package func chunks(of path: TreePath, algorithm: ContentHashAlgorithm) throws -> [FileChunk] {
        try catalog(of: path.parent).chunks(
            of: PathKey(path: TreeCatalogs.absolute(path)),
            algorithm: algorithm
        )
    }

    /// The catalog that has the entries of a directory.
    private func catalog(of directory: TreePath) throws -> CatalogReader {
        var catalog = root
        var path = TreePath.root
        for component in directory.components {
            path = path.appending(component)
            if let known = open[path] {
                catalog = known
                continue
            }
            guard let entry = try catalog.entry(at: PathKey(path: TreeCatalogs.absolute(path))),
                entry.flags.contains(.nestedMountpoint),
                let nested = try catalog.nestedCatalogs().first(where: { TreePath($0.path) == path })
            else { continue }
            catalog = try objects.catalog(nested.hash)
            open[path] = catalog
        }
        return catalog
    }
}
