// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Digests
internal import FileTree
internal import Foundation
internal import MetadataStore
internal import OCISpec

/// Puts an image into a transaction of the repository: flat trees, links, aliases and metadata.
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
    ///   - editor: the transaction.
    /// - Throws: `unsafeName` for a tag whose link would have a name that no file system takes, `TreeProblem` for layers
    ///   that do not fit, and what the disk throws.
    func prepare(
        _ subject: PublicationSubject,
        as repository: RepositoryName,
        _ tag: TagName,
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
        case .image(let image): return .image(try prepareTree(of: image, in: editor))
        case .index(let bytes, let images):
            var prepared: [(platform: PlatformName, image: PreparedImage)] = []
            var written: Set<OCIDigest> = []
            for (platform, image) in images {
                // Two platforms may share one tree.
                let isNew = written.insert(image.manifest.config.digest).inserted
                prepared.append((platform, try prepareTree(of: image, in: editor, isWanted: isNew)))
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
        in editor: CatalogEditor
    ) throws -> [PublicationWarning] {
        let link = layout.link(repository, tag)
        try remove(repository, tag, in: editor, keeping: link)
        switch prepared {
        case .none: return []
        case .image(let prepared):
            let flat = try putTree(prepared, in: editor)
            try putLink(link, to: link.relativeTarget(to: flat), in: editor)
            try putMetadata(
                prepared.image,
                prepared.fidelity,
                at: layout.metadata(repository, tag),
                in: editor
            )
            let alias = layout.alias(repository, tag)
            return prepared.warnings
                + (try putAlias(alias, to: alias.relativeTarget(to: flat), in: editor))
        case .index(let bytes, let images):
            return try show(images, index: bytes, as: repository, tag, in: editor)
        }
    }

    /// Takes a tag's links and metadata away.
    ///
    /// Its flat tree stays until it is collected.
    func remove(_ repository: RepositoryName, _ tag: TagName, in editor: CatalogEditor) throws {
        try remove(repository, tag, in: editor, keeping: nil)
    }

    // MARK: Indexes

    private func show(
        _ images: [(platform: PlatformName, image: PreparedImage)],
        index bytes: [UInt8],
        as repository: RepositoryName,
        _ tag: TagName,
        in editor: CatalogEditor
    ) throws -> [PublicationWarning] {
        let link = layout.link(repository, tag)
        let alias = layout.alias(repository, tag)
        var warnings: [PublicationWarning] = []
        for (platform, prepared) in images {
            let flat = try putTree(prepared, in: editor)
            let place = layout.platformLink(platform, repository, tag)
            try putLink(place, to: place.relativeTarget(to: flat), in: editor)
            let metadata = layout.metadata(repository, tag, platform: platform)
            try putMetadata(prepared.image, prepared.fidelity, at: metadata, in: editor)
            warnings += prepared.warnings.map {
                PublicationWarning(kind: $0.kind, path: "\(platform):\($0.path)")
            }
        }
        try putPlatformAliases(in: editor)
        try putLink(link, to: layout.variantTarget(from: link, repository, tag), in: editor)
        warnings += try putAlias(alias, to: layout.variantTarget(from: alias, repository, tag), in: editor)
        // Tools that know nothing of platforms find the image of the default one.
        let usual = images.first { $0.platform.description == "amd64" } ?? images[0]
        let place = layout.metadata(repository, tag)
        try putMetadata(usual.image.image, usual.image.fidelity, at: place, in: editor)
        try putFile(bytes, at: place.appending(Array("image-index.json".utf8)), in: editor)
        return warnings
    }

    private func putPlatformAliases(in editor: CatalogEditor) throws {
        for (name, target) in PlatformName.aliases {
            let path = TreeLayout.multiarch.appending(Array(name.utf8))
            // A directory of that name would be a platform that was published under it.
            guard try editor.entry(at: path).map({ !$0.isDirectory }) ?? true else { continue }
            try editor.putLink(to: Array(target.utf8), at: path)
        }
    }

    // MARK: Flat trees

    private func prepareTree(
        of image: PublishableImage,
        in editor: CatalogEditor,
        isWanted: Bool = true
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

    private func putTree(_ prepared: PreparedImage, in editor: CatalogEditor) throws -> TreePath {
        let flat = TreeLayout.flatTree(prepared.image.manifest.config.digest)
        if let tree = prepared.tree {
            try editor.makeDirectory(flat.parent, ownsCatalog: TreeLayout.ownsCatalog)
            try editor.graft(tree, at: flat)
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

    // MARK: Links and metadata

    private func putLink(_ path: TreePath, to target: [UInt8], in editor: CatalogEditor) throws {
        try editor.makeDirectory(path.parent, ownsCatalog: TreeLayout.ownsCatalog)
        try editor.putLink(to: target, at: path)
    }

    /// Puts the alias without colons, unless its place is taken.
    ///
    /// Without the colon, the alias of `app:1` and the directory of `app/1` are one path. What stands there first stays, and
    /// the other image has its public link alone.
    private func putAlias(
        _ path: TreePath,
        to target: [UInt8],
        in editor: CatalogEditor
    ) throws -> [PublicationWarning] {
        guard try !isBlocked(path.parent, in: editor), try editor.entry(at: path)?.isDirectory != true else {
            return [PublicationWarning(kind: "alias-taken", path: "\(path)")]
        }
        try putLink(path, to: target, in: editor)
        return []
    }

    /// Whether something on the way to a directory, or at its place, is none.
    private func isBlocked(_ directory: TreePath, in editor: CatalogEditor) throws -> Bool {
        guard !directory.isRoot else { return false }
        if let entry = try editor.entry(at: directory) { return !entry.isDirectory }
        return try isBlocked(directory.parent, in: editor)
    }

    private func putFile(_ content: [UInt8], at path: TreePath, in editor: CatalogEditor) throws {
        try editor.makeDirectory(path.parent) { $0 != path.parent && TreeLayout.ownsCatalog($0) }
        try editor.putFile(content, at: path)
    }

    private func putMetadata(
        _ image: PublishableImage,
        _ fidelity: Fidelity,
        at place: TreePath,
        in editor: CatalogEditor
    ) throws {
        let files = [
            ("manifest.json", ToolManifest(image).json), ("image-manifest.json", image.manifestBytes),
            ("image-config.json", image.configBytes), ("fidelity.json", fidelity.json),
        ]
        for (name, content) in files {
            try putFile(content, at: place.appending(Array(name.utf8)), in: editor)
        }
    }

    private func remove(
        _ repository: RepositoryName,
        _ tag: TagName,
        in editor: CatalogEditor,
        keeping kept: TreePath?
    ) throws {
        let platforms = try editor.names(in: TreeLayout.multiarch).filter { $0 != TreeCatalogs.marker }
        let link = layout.link(repository, tag)
        for platform in platforms {
            let directory = TreeLayout.multiarch.appending(platform)
            guard try editor.entry(at: directory)?.isDirectory ?? false else { continue }
            try removeUpward(directory.appending(link), below: directory, in: editor)
            let metadata = TreeLayout.metadata.appending(directory)
            try removeUpward(metadata.appending(link), below: metadata, in: editor)
        }
        try removeUpward(TreeLayout.metadata.appending(link), below: TreeLayout.metadata, in: editor)
        guard kept == nil else { return }
        try removeUpward(link, below: .root, in: editor)
        let alias = layout.alias(repository, tag)
        // A directory at this place is that of another repository's aliases.
        guard try editor.entry(at: alias)?.isDirectory == false else { return }
        try removeUpward(alias, below: TreeLayout.byName, in: editor)
    }

    private func removeUpward(_ path: TreePath, below limit: TreePath, in editor: CatalogEditor) throws {
        guard try editor.remove(path) else { return }
        try editor.removeEmptyDirectories(from: path.parent, below: limit)
    }
}
