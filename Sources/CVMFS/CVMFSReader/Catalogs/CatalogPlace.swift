// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import Digests

/// A catalog in its place in a tree.
///
/// Values are compared by identity of content and place.
package final class CatalogPlace: Sendable {
    /// The catalog's object.
    package let hash: ContentHash
    /// The path that it is mounted at, inside its own tree: empty for a root catalog.
    package let mountPath: [UInt8]

    /// Names a catalog.
    package init(hash: ContentHash, mountPath: [UInt8]) {
        self.hash = hash
        self.mountPath = mountPath
    }
}

/// Where the entries of a directory are written down.
package struct DirectoryPlace: Sendable {
    /// The catalog that holds the directory's children.
    package let catalog: CatalogPlace
    /// The directory's path in the catalog's tree; empty for its root.
    package let path: [UInt8]

    /// Names a directory.
    package init(catalog: CatalogPlace, path: [UInt8]) {
        self.catalog = catalog
        self.path = path
    }

    /// The root of the tree of a root catalog.
    package static func root(_ hash: ContentHash) -> DirectoryPlace {
        DirectoryPlace(catalog: CatalogPlace(hash: hash, mountPath: []), path: [])
    }

    /// The path of a child.
    package func path(of name: some Sequence<UInt8>) -> [UInt8] {
        var child = path
        child.append(UInt8(ascii: "/"))
        child.append(contentsOf: name)
        return child
    }
}
