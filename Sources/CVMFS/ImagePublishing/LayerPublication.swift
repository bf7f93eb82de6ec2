// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
internal import Digests
internal import FileTree
internal import Foundation
internal import MetadataStore
internal import OCISpec

/// The layers of an image one by one, written and waiting to be grafted.
struct PreparedLayers {
    struct Layer {
        var layer: PublishableImage.Layer
        /// `nil` if the transaction shows it already.
        var tree: WrittenTree?
    }

    var layers: [Layer]
    /// Where stacking the layers shows something else than the image; then none is shown on its account.
    var differences: [String]

    var warnings: [PublicationWarning] {
        differences.map { PublicationWarning(kind: "layers-not-stackable", path: $0) }
    }
}

/// Publishes layers below `/.layers`, for those who stack them by themselves.
///
/// ```
/// /.layers/<2>/<blob digest>/layerfs                  the layer in the form that overlayfs stacks
/// /.layers/<2>/<blob digest>/.metadata/layers.json    its digests
/// /.layers/<2>/<blob digest>/.metadata/origin.json    the images that were published with it
/// ```
/// Whether an image's layers can be stacked is found out before any of them is shown.
struct LayerPublication {
    private let publisher: RepositoryPublisher

    /// So many places of a difference are told; one is enough to know that there is one.
    private static let differenceLimit = 16

    init(publisher: RepositoryPublisher) { self.publisher = publisher }

    /// Builds and compares the layers of an image.
    ///
    /// - Parameters:
    ///   - image: the image; its layers must have been ingested.
    ///   - merged: makes the tree of the image as its layers say, without anything added.
    ///   - editor: the transaction, which stays as it is.
    /// - Returns: the layers, and where stacking them differs from merging them.
    /// - Throws: what the disk throws; `badIndex` for a layer index that is damaged.
    func prepare(
        _ image: PublishableImage,
        merged: () throws -> ImageTree,
        in editor: CatalogEditor
    ) throws -> PreparedLayers {
        let known = try remembered(image)
        var seen: Set<OCIDigest> = []
        let layers = image.layers.filter { seen.insert($0.blob.digest).inserted }
        let missing = try layers.filter { try editor.entry(at: TreeLayout.layerTree($0.blob.digest)) == nil }
        if let known, missing.isEmpty || !known.isEmpty {
            return PreparedLayers(layers: layers.map { .init(layer: $0) }, differences: known)
        }
        let stack = LayerStack()
        var trees: [OCIDigest: ImageTree] = [:]
        do {
            for layer in image.layers {
                let tree = try trees[layer.diffID] ?? tree(of: layer.diffID)
                trees[layer.diffID] = tree
                try stack.add(tree)
            }
        } catch let problem as TreeProblem {
            // A hard link into a lower layer has nothing to lead to.
            return try remember(["\(problem)"], layers, of: image)
        }
        let differences = stack.differences(from: try merged(), limit: Self.differenceLimit)
        guard differences.isEmpty else {
            return try remember(differences.map { "\($0)" }, layers, of: image)
        }
        var prepared = try remember([], layers, of: image)
        for (index, layer) in layers.enumerated() where missing.contains(layer) {
            guard let tree = trees[layer.diffID] else { continue }
            let place = TreeLayout.layerTree(layer.blob.digest)
            prepared.layers[index].tree = try publisher.write(tree, at: place, now: editor.now)
        }
        return prepared
    }

    /// Shows what was prepared.
    func show(_ prepared: PreparedLayers, of image: PublishableImage, in editor: CatalogEditor) throws {
        guard prepared.differences.isEmpty else { return }
        for layer in prepared.layers {
            let place = TreeLayout.layerTree(layer.layer.blob.digest)
            try editor.makeDirectory(place.parent, ownsCatalog: TreeLayout.ownsCatalog)
            // Another image of the same transaction may have brought it.
            if let tree = layer.tree, try editor.entry(at: place) == nil { try editor.graft(tree, at: place) }
            let metadata = place.parent.appending(Array(".metadata".utf8))
            try editor.makeDirectory(metadata)
            let description = metadata.appending(Array("layers.json".utf8))
            let size = try editor.contentSize(below: place)
            try editor.putFile(
                try StableJSON.bytes([PodmanStore.Layer(layer.layer, size: size)]),
                at: description
            )
            let origin = metadata.appending(Array("origin.json".utf8))
            try editor.putFile(try origins(at: origin, with: image, in: editor), at: origin)
        }
    }

    // MARK: Trees

    private func tree(of diffID: OCIDigest) throws -> ImageTree {
        let tree = ImageTree()
        let index = LayerIndexReader(path: publisher.location.layerIndex(diffID))
        var merge = LayerMerge(into: tree)
        try index.forEach { try merge.applyAddition($0) }
        let form = LayerForm(completing: tree)
        try index.forEach { try form.applyOpaque($0) }
        try index.forEach { try form.applyWhiteout($0) }
        return tree
    }

    // MARK: Records

    private struct Origins: Codable { var origin: [String] }

    private func origins(at path: TreePath, with image: PublishableImage, in editor: CatalogEditor) throws
        -> [UInt8]
    {
        let old = try editor.content(of: path).map { try JSONDecoder().decode(Origins.self, from: Data($0)) }
        let all = Set(old?.origin ?? []).union([image.manifest.config.digest.description])
        return try StableJSON.bytes(Origins(origin: all.sorted()))
    }

    // MARK: What was found out

    /// Kept beside the layer indexes, so that another tag of the image needs no comparison.
    private func remember(
        _ differences: [String],
        _ layers: [PublishableImage.Layer],
        of image: PublishableImage
    )
        throws -> PreparedLayers
    {
        try publisher.contents.hold(layerFile: file(of: image).lastPathComponent)
        try JSONEncoder().encode(differences).write(to: file(of: image), options: .atomic)
        return PreparedLayers(layers: layers.map { .init(layer: $0) }, differences: differences)
    }

    private func remembered(_ image: PublishableImage) throws -> [String]? {
        // A record that is missing or damaged is made again.
        guard let data = try? Data(contentsOf: file(of: image)) else { return nil }
        return try? JSONDecoder().decode([String].self, from: data)
    }

    private func file(of image: PublishableImage) -> URL {
        URL(
            fileURLWithPath:
                "\(publisher.location.layers)/\(image.manifest.config.digest.encoded).stacking.json"
        )
    }
}
