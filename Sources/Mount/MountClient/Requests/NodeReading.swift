// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader

/// Makes nodes of what the table remembers of them.
enum NodeReading {
    /// Reads a node's row from its catalog, as it was at the revision that the node belongs to.
    ///
    /// - Throws: `NeedsFetch`, `ReaderProblem`.
    static func node(
        of located: NodeTable.Located,
        _ walker: TreeWalker,
        _ policy: FetchPolicy,
        _ options: MountOptions
    ) throws -> Node {
        let catalog = located.catalog.place
        guard let found = try walker.entry(ofRow: located.record.rowID, in: catalog, policy) else {
            throw ReaderProblem(.corrupt, "the catalog \(catalog.hash) lost row \(located.record.rowID)")
        }
        let path = located.catalog.prefix + found.path
        return Node(
            id: located.id,
            path: path,
            found: found,
            epoch: UInt64(located.record.epoch),
            place: located.record.place,
            linkTarget: linkTarget(of: found.entry, at: path, options)
        )
    }

    /// Where a link leads, with variables expanded outside of immutable trees.
    static func linkTarget(of entry: CatalogEntry, at path: [UInt8], _ options: MountOptions) -> [UInt8] {
        ImmutableTrees.contains(path)
            ? entry.linkTarget : VariantLink.expand(entry.linkTarget, options.variables)
    }
}
