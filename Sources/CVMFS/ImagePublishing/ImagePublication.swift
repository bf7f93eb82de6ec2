// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Digests
internal import FileTree
internal import Foundation
internal import MetadataStore
internal import OCISpec

/// Puts an image into a transaction of the repository: flat trees, layers, links, aliases and metadata.
///
/// What is there already stays untouched, so that showing an image once more changes nothing.
struct ImagePublication {
    private let layout: TreeLayout
    private let publisher: RepositoryPublisher
    private let builder: ImageTreeBuilder

    init(layout: TreeLayout, publisher: RepositoryPublisher, builder: ImageTreeBuilder) {
        self.layout = layout
        self.publisher = publisher
        self.builder = builder
    }

    /// Merges and writes the trees of what a tag names, as far as the repository lacks them; the transaction stays as it is.
    ///
    /// Everything that can be wrong with an image comes to light here. All layers must have been ingested.
    ///
    /// - Parameters:
    ///   - subject: an image or an index.
    ///   - repository: its repository.
    ///   - tag: its tag.
    ///   - extras: what is shown beside the trees.
    ///   - editor: the transaction.
    /// - Returns: what `show` takes.
    /// - Throws: `unsafeName` for a tag whose link would have a name that no file system takes, `TreeProblem` for layers
    ///   that do not fit, and what the disk throws.
    func prepare(
        _ subject: PublicationSubject,
        as repository: RepositoryName,
        _ tag: TagName,
        _ extras: PublicationExtras,
        in editor: CatalogEditor
    ) throws -> PreparedImages {
        let link = layout.link(repository, tag)
        guard link.name.count <= TreePath.componentLimit else {
            throw ImageProblem(
                .unsafeName,
                "the link \(link) has a name of \(link.name.count) bytes, more than \(TreePath.componentLimit)",
                remedy: "choose a shorter name for the repository or the tag"
            )
        }
        switch subject {
        case .notAnImage: return .none
        case .image(let image): return .image(try prepareTrees(of: image, extras, in: editor))
        case .index(let bytes, let images):
            var prepared: [(platform: PlatformName, image: PreparedImage)] = []
            var written: Set<OCIDigest> = []
            for (platform, image) in images {
                // Two platforms may share one tree.
                let isNew = written.insert(image.manifest.config.digest).inserted
                prepared.append((platform, try prepareTrees(of: image, extras, in: editor, isWanted: isNew)))
            }
            return .index(bytes: bytes, images: prepared)
        }
    }

    /// Shows what was prepared under a tag, in place of what the tag showed.
    ///
    /// - Returns: what the trees cannot say.
    func show(
        _ prepared: PreparedImages,
        as repository: RepositoryName,
        _ tag: TagName,
        _ extras: PublicationExtras,
        in editor: CatalogEditor,
        _ podman: PodmanStoreEditor
    ) throws -> [PublicationWarning] {
        var places = TagPlaces(layout: layout, repository: repository, tag: tag)
        var warnings: [PublicationWarning] = []
        let usual: PreparedImage
        switch prepared {
        case .none: return []
        case .image(let image):
            usual = image
            let flat = try putTrees(image, in: editor)
            places.show(image, referrers: try extras.referrers.layout(of: [image.image.digest]), at: flat)
            warnings += image.warnings
        case .index(let bytes, let images):
            for (platform, image) in images {
                let flat = try putTrees(image, in: editor)
                let referrers = try extras.referrers.layout(of: [image.image.digest])
                places.show(image, of: platform, referrers: referrers, at: flat)
                warnings += image.warnings.map {
                    PublicationWarning(kind: $0.kind, path: "\(platform):\($0.path)")
                }
            }
            // Tools that know nothing of platforms find the image of the default one.
            usual = images.first { $0.platform.description == "amd64" }?.image ?? images[0].image
            let subjects = [extras.referrers.root, usual.image.digest].compactMap { $0 }
            places.showIndex(bytes, usual: usual, referrers: try extras.referrers.layout(of: subjects))
        }
        warnings += try places.put(in: editor)
        warnings += try podman.show(usual.image, as: layout.reference(repository, tag))
        if extras.referrers.isCut {
            warnings.append(
                PublicationWarning(kind: "referrers-cut", path: "\(layout.link(repository, tag))")
            )
        }
        return warnings
    }

    /// Takes a tag's links and metadata away.
    ///
    /// Its flat tree stays until it is collected.
    func remove(
        _ repository: RepositoryName,
        _ tag: TagName,
        in editor: CatalogEditor,
        _ podman: PodmanStoreEditor
    ) throws {
        try TagPlaces(layout: layout, repository: repository, tag: tag).remove(in: editor)
        try podman.remove(layout.reference(repository, tag))
    }

    // MARK: Trees

    private func prepareTrees(
        of image: PublishableImage,
        _ extras: PublicationExtras,
        in editor: CatalogEditor,
        isWanted: Bool = true
    ) throws -> PreparedImage {
        var prepared = try prepareFlatTree(of: image, in: editor, isWanted: isWanted)
        if extras.showsLayers {
            let layers = LayerPublication(publisher: publisher)
            prepared.layers = try layers.prepare(image, merged: { try builder.merge(image) }, in: editor)
        }
        return prepared
    }

    private func prepareFlatTree(
        of image: PublishableImage,
        in editor: CatalogEditor,
        isWanted: Bool
    ) throws -> PreparedImage {
        let flat = TreeLayout.flatTree(image.manifest.config.digest)
        // A flat tree never changes: the config's digest covers every layer.
        let isThere = try !isWanted || editor.entry(at: flat) != nil
        if isThere { return PreparedImage(image: image, fidelity: try fidelity(of: image), tree: nil) }
        let tree = try builder.merge(image)
        let fidelity = Fidelity(of: tree)
        try remember(fidelity, of: image)
        try builder.addApptainerFiles(to: tree, of: image)
        let written = try publisher.write(tree, at: flat, now: editor.now)
        return PreparedImage(image: image, fidelity: fidelity, tree: written)
    }

    private func putTrees(_ prepared: PreparedImage, in editor: CatalogEditor) throws -> TreePath {
        let flat = TreeLayout.flatTree(prepared.image.manifest.config.digest)
        if let tree = prepared.tree {
            try editor.makeDirectory(flat.parent, ownsCatalog: TreeLayout.ownsCatalog)
            try editor.graft(tree, at: flat)
        }
        if let layers = prepared.layers {
            try LayerPublication(publisher: publisher).show(layers, of: prepared.image, in: editor)
        }
        return flat
    }

    /// The record is kept beside the layer indexes, so that another tag of the image needs no merge.
    private func fidelity(of image: PublishableImage) throws -> Fidelity {
        // A record that is missing or damaged is made again.
        if let data = try? Data(contentsOf: fidelityFile(image)),
            let known = try? JSONDecoder().decode(Fidelity.self, from: data)
        {
            return known
        }
        let fidelity = Fidelity(of: try builder.merge(image))
        try remember(fidelity, of: image)
        return fidelity
    }

    private func remember(_ fidelity: Fidelity, of image: PublishableImage) throws {
        try publisher.contents.hold(layerFile: fidelityFile(image).lastPathComponent)
        try Data(fidelity.json).write(to: fidelityFile(image), options: .atomic)
    }

    private func fidelityFile(_ image: PublishableImage) -> URL {
        URL(
            fileURLWithPath:
                "\(publisher.location.layers)/\(image.manifest.config.digest.encoded).fidelity.json"
        )
    }
}
