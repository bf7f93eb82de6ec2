// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Digests
internal import FileTree
internal import OCISpec

/// What stands in a published tree beside the images' own files, and what of it is named by nothing.
///
/// An image's flat tree is named by the links to it, wherever they stand; the metadata of a tag by the tag's link; a layer's
/// tree by the manifests in the metadata, as far as their projects show layers. The trees themselves are not gone into.
/// Memory: the paths of links and the digests of images.
struct TreeSurvey {
    /// The flat trees, trees of layers and directories of metadata, and whether something names each.
    private(set) var trees: [TreePath: Bool] = [:]
    /// The names of the flat trees that are there.
    private(set) var flats: Set<[UInt8]> = []

    private var links: Set<TreePath> = []
    private var targets: Set<TreePath> = []
    private var metadata: [TreePath] = []
    private var layerTrees: [TreePath] = []
    /// The objects of configs and manifests; `nil` if one is kept in another way.
    private var configs: Set<ContentHash>? = []
    private var manifests: [ContentHash: Set<RepositoryName?>]? = [:]

    private static let configName = Array("image-config.json".utf8)
    private static let imageManifestName = Array("image-manifest.json".utf8)
    private static let manifestName = Array("manifest.json".utf8)
    /// `/.flat/<2>/<digest>`, and what else holds whole trees.
    private static let treeDepth = 3

    /// Looks through a revision.
    ///
    /// - Parameters:
    ///   - root: the root catalog.
    ///   - objects: where the catalogs are.
    ///   - name: the repository's name, as absolute links have it.
    ///   - records: what is known of manifests already.
    ///   - showsLayers: whether the layers of a registry's repository are wanted one by one.
    /// - Throws: what reading catalogs and `showsLayers` throw.
    init(
        _ root: ContentHash,
        in objects: ObjectStore,
        called name: RepositoryFQRN,
        records: inout ImageRecords,
        showsLayers: (RepositoryName) throws -> Bool
    ) throws {
        try TreeWalk(objects: objects).forEach(from: root) { path, entry in
            self.see(path, entry, name)
        }
        for flat in flats.map({ TreePath($0) }) { trees[flat] = targets.contains(flat) }
        for directory in metadata { trees[directory] = links.contains(Self.link(of: directory)) }
        // Manifests are read only where somebody wants layers.
        guard !layerTrees.isEmpty else { return }
        let wanted = try wantedLayers(in: objects, &records, showsLayers)
        for layer in layerTrees { trees[layer] = wanted?.contains(layer.name) ?? true }
    }

    /// The layers that the images in the tree are made of; `nil` if that cannot be told.
    func layers(in objects: ObjectStore, _ records: inout ImageRecords) -> Set<OCIDigest>? {
        guard let configs else { return nil }
        var layers: Set<OCIDigest> = []
        for config in configs {
            // What cannot be read leaves it open which layers are needed, and then all are.
            guard let found = records.layers(ofConfig: config, in: objects) else { return nil }
            layers.formUnion(found)
        }
        return layers
    }

    // MARK: Walking

    /// Notes an entry; returns whether to go into it.
    private mutating func see(_ path: TreePath, _ entry: CatalogEntry, _ name: RepositoryFQRN) -> Bool {
        if entry.flags.contains(.symbolicLink) {
            links.insert(path)
            if let tree = Self.flatTree(entry.linkTarget, from: path.parent, name) { targets.insert(tree) }
            return false
        }
        guard entry.isDirectory else {
            if path.isInside(TreeLayout.metadata) { seeDescription(path, entry) }
            return false
        }
        guard path.components.count == Self.treeDepth else { return true }
        if path.isInside(TreeLayout.flat) {
            flats.insert(path.bytes)
            return false
        }
        if path.isInside(TreeLayout.layers) {
            layerTrees.append(path)
            return false
        }
        return true
    }

    private mutating func seeDescription(_ path: TreePath, _ entry: CatalogEntry) {
        switch entry.name {
        case Self.manifestName: metadata.append(path.parent)
        case Self.configName:
            if let hash = entry.hash { configs?.insert(hash) } else { configs = nil }
        case Self.imageManifestName:
            guard let hash = entry.hash else {
                manifests = nil
                return
            }
            manifests?[hash, default: []].insert(Self.repository(of: path.parent))
        default: break
        }
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

    // MARK: Metadata

    /// The link that a directory of metadata belongs to.
    private static func link(of directory: TreePath) -> TreePath {
        TreePath(Array(directory.components.dropFirst().joined(separator: [UInt8(ascii: "/")])))
    }

    /// The registry's repository that a directory of metadata is of; `nil` for a path of another form.
    private static func repository(of directory: TreePath) -> RepositoryName? {
        let parts = directory.components
        let isOfPlatform = parts.count > 1 && parts[1] == TreeLayout.multiarch.bytes
        var names = parts.dropFirst(isOfPlatform ? 4 : 2)
        guard let last = names.popLast(), let colon = last.lastIndex(of: UInt8(ascii: ":")) else {
            return nil
        }
        names.append(Array(last[..<colon]))
        return RepositoryName(names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/"))
    }

    /// The names of the trees of layers that are wanted; `nil` if that cannot be told.
    private func wantedLayers(
        in objects: ObjectStore,
        _ records: inout ImageRecords,
        _ showsLayers: (RepositoryName) throws -> Bool
    ) throws -> Set<[UInt8]>? {
        guard let manifests else { return nil }
        var shown: [RepositoryName: Bool] = [:]
        var wanted: Set<[UInt8]> = []
        for (manifest, repositories) in manifests {
            let isShown = try repositories.contains { repository in
                // What belongs to nobody that is known stays.
                guard let repository else { return true }
                if let known = shown[repository] { return known }
                let answer = try showsLayers(repository)
                shown[repository] = answer
                return answer
            }
            guard isShown else { continue }
            guard let layers = records.layers(ofManifest: manifest, in: objects) else { return nil }
            for layer in layers { wanted.insert(Array(layer.encoded.utf8)) }
        }
        return wanted
    }
}
