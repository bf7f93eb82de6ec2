// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import CVMFSPublisher
internal import Digests
package import FileTree
internal import Foundation
internal import LayerUnpacking
internal import OCISpec

/// Builds the tree of an image from its layers' indexes.
package struct ImageTreeBuilder {
    private let publisher: RepositoryPublisher

    package init(publisher: RepositoryPublisher) { self.publisher = publisher }

    /// Merges the layers by the OCI rules.
    ///
    /// Every layer must have been ingested. No file data are read.
    /// - Throws: `badIndex` for an index that is damaged; it is then gone, so that the next ingest reads the layer again.
    package func merge(_ image: PublishableImage) throws -> ImageTree {
        let diffIDs = image.layers.map(\.diffID)
        do {
            return try Self.merge(diffIDs, of: publisher.location)
        } catch let problem as LayerProblem where problem.code == .badIndex {
            for diffID in Set(diffIDs) { removeIfDamaged(publisher.location.layerIndex(diffID)) }
            throw problem
        }
    }

    private func removeIfDamaged(_ index: String) {
        do {
            try LayerIndexReader(path: index).forEach { _ in }
        } catch {
            // An index that cannot be read is of no use to anyone.
            unlink(index)
        }
    }

    /// Merges layers, the lowest first, from their indexes.
    static func merge(_ diffIDs: [OCIDigest], of location: RepositoryLocation) throws -> ImageTree {
        let tree = ImageTree()
        for diffID in diffIDs {
            let index = LayerIndexReader(path: location.layerIndex(diffID))
            var merge = LayerMerge(into: tree)
            // Two passes: removals act on lower layers only, wherever they stand in their own.
            try index.forEachRemoval { try merge.applyRemoval($0) }
            try index.forEach { if !$0.removesFromLowerLayers { try merge.applyAddition($0) } }
        }
        return tree
    }

    /// Adds the files that apptainer expects where the image has nothing of that name.
    package func addApptainerFiles(to tree: ImageTree, of image: PublishableImage) throws {
        let files = ApptainerFiles(config: image.config)
        let date = ModificationTime(seconds: Self.seconds(of: image.config.created))
        for path in ApptainerFiles.directories {
            try add(TreePath(path), to: tree, kind: .directory, permissions: 0o755, date: date)
        }
        for (path, target) in ApptainerFiles.links {
            try add(TreePath(path), to: tree, kind: .symbolicLink, permissions: 0o777, date: date) {
                $0.linkTarget = Array(target.utf8)
            }
        }
        for file in files.files {
            let object = try publisher.contents.object(forSmall: file.content)
            try add(TreePath(file.path), to: tree, kind: .regular, permissions: file.permissions, date: date)
            {
                $0.content = StoredContent(
                    pieces: [
                        StoredPiece(
                            size: Int64(file.content.count),
                            object: object.hash,
                            isPlain: object.isPlain
                        )
                    ]
                )
            }
        }
    }

    /// Adds an entry if its directory is one and has no entry of the name.
    private func add(
        _ path: TreePath,
        to tree: ImageTree,
        kind: EntryKind,
        permissions: UInt16,
        date: ModificationTime,
        _ fill: (inout ImageTree.Inode) -> Void = { _ in }
    ) throws {
        var directory = tree.root
        for component in path.parent.components {
            guard let next = tree.child(component, of: directory), tree.inode(of: next).kind == .directory
            else {
                return
            }
            directory = next
        }
        guard tree.child(path.name, of: directory) == nil else { return }
        var inode = ImageTree.Inode(
            kind: kind,
            metadata: EntryMetadata(permissions: permissions, mtime: date),
            isAdded: true
        )
        fill(&inode)
        try tree.add(path.name, to: directory, inode)
    }

    /// The config's date; 1970 where it is missing or cannot be read.
    static func seconds(of created: String?) -> Int64 {
        guard let created, created.utf8.count >= 19 else { return 0 }
        let digits = created.prefix(19).filter(\.isNumber)
        return CalendarTime(stamp: digits)?.unixSeconds ?? 0
    }
}
