// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Digests
internal import FileTree
internal import OCISpec

/// What stands in a published tree beside the images' own files, and what of it is named by nothing.
///
/// An image's flat tree is named by the links to it, wherever they stand; the metadata of a tag by the tag's link. The
/// trees themselves are not gone into. Memory: the paths of links and the digests of images.
struct TreeSurvey {
    /// The flat trees and directories of metadata, and whether something names each.
    private(set) var trees: [TreePath: Bool] = [:]
    /// The layers that the images in the tree are made of; `nil` if that cannot be told.
    private(set) var layers: Set<OCIDigest>? = []
    /// The names of the flat trees that are there.
    private(set) var flats: Set<[UInt8]> = []

    private var links: Set<TreePath> = []
    private var targets: Set<TreePath> = []
    private var metadata: [TreePath] = []
    private var configs: Set<ContentHash> = []

    private static let configName = Array("image-config.json".utf8)
    private static let manifestName = Array("manifest.json".utf8)
    private static let configLimit = 16 << 20
    /// `/.flat/<2>/<digest>`, and what else holds whole trees.
    private static let treeDepth = 3
    private static let layers = TreePath(".layers")

    /// Looks through a revision.
    init(_ root: ContentHash, in objects: ObjectStore, called name: RepositoryFQRN) throws {
        try TreeWalk(objects: objects).forEach(from: root) { path, entry in
            try self.see(path, entry, name)
        }
        for flat in flats.map({ TreePath($0) }) { trees[flat] = targets.contains(flat) }
        for directory in metadata { trees[directory] = links.contains(Self.link(of: directory)) }
        for config in configs { readLayers(of: config, in: objects) }
    }

    private mutating func see(_ path: TreePath, _ entry: CatalogEntry, _ name: RepositoryFQRN) throws -> Bool
    {
        if entry.flags.contains(.symbolicLink) {
            links.insert(path)
            if let tree = Self.flatTree(entry.linkTarget, from: path.parent, name) { targets.insert(tree) }
            return false
        }
        guard entry.isDirectory else {
            guard path.isInside(TreeLayout.metadata) else { return false }
            if entry.name == Self.manifestName { metadata.append(path.parent) }
            if entry.name == Self.configName {
                if let hash = entry.hash { configs.insert(hash) } else { layers = nil }
            }
            return false
        }
        let depth = path.components.count
        if path.isInside(TreeLayout.flat), depth == Self.treeDepth {
            flats.insert(path.bytes)
            return false
        }
        return !(path.isInside(Self.layers) && depth >= Self.treeDepth)
    }

    /// The flat tree that a link leads to or into; links of variants lead to other links.
    private static func flatTree(_ target: [UInt8], from directory: TreePath, _ name: RepositoryFQRN)
        -> TreePath?
    {
        var parts: [[UInt8]]
        let steps = target.split(separator: UInt8(ascii: "/")).map { Array($0) }
        if target.first == UInt8(ascii: "/") {
            guard steps.count > 2, steps[0] == Array("cvmfs".utf8), steps[1] == Array(name.name.utf8) else {
                return nil
            }
            parts = Array(steps.dropFirst(2))
        } else {
            parts = directory.components
            for step in steps where step != [UInt8(ascii: ".")] {
                if step == Array("..".utf8) { _ = parts.popLast() } else { parts.append(step) }
            }
        }
        guard parts.count >= treeDepth, parts[0] == TreeLayout.flat.bytes else { return nil }
        return TreePath(Array(parts.prefix(treeDepth).joined(separator: [UInt8(ascii: "/")])))
    }

    /// The link that a directory of metadata belongs to.
    private static func link(of directory: TreePath) -> TreePath {
        TreePath(Array(directory.components.dropFirst().joined(separator: [UInt8(ascii: "/")])))
    }

    private mutating func readLayers(of config: ContentHash, in objects: ObjectStore) {
        // What cannot be read leaves it open which layers are needed, and then all are.
        guard let bytes = try? objects.read(config, .file, limit: Self.configLimit),
            let diffIDs = try? ImageConfig(parsing: bytes).diffIDs
        else {
            layers = nil
            return
        }
        layers?.formUnion(diffIDs)
    }
}
