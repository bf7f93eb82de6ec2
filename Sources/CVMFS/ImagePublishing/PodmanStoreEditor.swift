// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSPublisher
internal import Digests
internal import FileTree
internal import Foundation
internal import MetadataStore
internal import OCISpec

/// Keeps `/podmanStore` in step with the images of a repository: the lists are read once and written once in a revision,
/// however many images change.
///
/// The lists in the tree are the state; nothing else is kept. Not safe to use from two threads.
final class PodmanStoreEditor {
    private let editor: CatalogEditor
    /// So many images are listed at most, since podman reads the lists whole at each start; 0 for no store at all.
    private let limit: Int
    private var images: [String: PodmanStore.Image] = [:]
    private var layers: [String: PodmanStore.Layer] = [:]
    /// Which image has a name.
    private var owners: [String: String] = [:]
    private var isChanged = false

    /// Reads the lists of a transaction; lists that cannot be understood are made anew.
    init(_ editor: CatalogEditor, limit: Int) throws {
        self.editor = editor
        self.limit = limit
        guard limit > 0 else { return }
        let images: [PodmanStore.Image] = try Self.list(editor.content(of: PodmanStore.images))
        let layers: [PodmanStore.Layer] = try Self.list(editor.content(of: PodmanStore.layers))
        for image in images { self.images[image.id] = image }
        for layer in layers { self.layers[layer.id] = layer }
        for image in images { for name in image.names { owners[name] = image.id } }
    }

    /// Gives an image a name, which another one may have had.
    ///
    /// - Returns: a warning if the store is full, or podman could not read the image.
    func show(_ image: PublishableImage, as name: String) throws -> [PublicationWarning] {
        guard limit > 0 else { return [] }
        let config = image.manifest.config.digest
        let known = images[config.encoded]
        let isReadable = PodmanConfig.isReadable(image)
        if owners[name] != config.encoded || !isReadable { try remove(name) }
        guard isReadable else {
            return [PublicationWarning(kind: "podman-store-unreadable", path: name)]
        }
        guard known != nil || images.count < limit else {
            return [PublicationWarning(kind: "podman-store-full", path: name)]
        }
        let names = Set(known?.names ?? []).union([name]).sorted()
        let entry = PodmanStore.Image(image, names: names)
        owners[name] = config.encoded
        guard entry != known else { return [] }
        images[config.encoded] = entry
        isChanged = true
        try putFiles(of: image, entry)
        return []
    }

    /// Takes a name away, and with its last name the image.
    func remove(_ name: String) throws {
        guard let id = owners.removeValue(forKey: name), var image = images[id] else { return }
        isChanged = true
        image.names.removeAll { $0 == name }
        guard image.names.isEmpty else {
            images[id] = image
            return
        }
        images[id] = nil
        layers[image.layer] = nil
        try editor.remove(PodmanStore.directory(ofImage: id))
        try editor.remove(PodmanStore.directory(ofLayer: image.layer))
        let short = PodmanStore.shortName(of: image.layer)
        try editor.remove(PodmanStore.shortNames.appending(Array(short.utf8)))
    }

    /// Writes the lists, if anything has changed.
    func finish() throws {
        guard limit > 0 else {
            try editor.remove(PodmanStore.root)
            return
        }
        // A repository without images has the store, too: a podman that is told of it must not fail.
        let isThere = try editor.entry(at: PodmanStore.images) != nil
        guard isChanged || !isThere else { return }
        for lock in PodmanStore.locks { try put([], at: lock) }
        try editor.makeDirectory(PodmanStore.shortNames, ownsCatalog: PodmanStore.ownsCatalog)
        try put(StableJSON.bytes(images.values.sorted { $0.id < $1.id }), at: PodmanStore.images)
        try put(StableJSON.bytes(layers.values.sorted { $0.id < $1.id }), at: PodmanStore.layers)
    }

    private func putFiles(of image: PublishableImage, _ entry: PodmanStore.Image) throws {
        let config = image.manifest.config.digest
        let place = PodmanStore.directory(ofImage: config.encoded)
        try put(image.manifestBytes, at: place.appending(Array("manifest".utf8)))
        let key = PodmanStore.fileName(ofKey: config.description)
        try put(image.configBytes, at: place.appending(Array(key.utf8)))
        let flat = TreeLayout.flatTree(config)
        layers[entry.layer] = PodmanStore.Layer(image, size: try editor.contentSize(below: flat))
        let layer = PodmanStore.directory(ofLayer: entry.layer)
        let diff = layer.appending(Array("diff".utf8))
        try editor.makeDirectory(layer, ownsCatalog: PodmanStore.ownsCatalog)
        try editor.putLink(to: diff.relativeTarget(to: flat), at: diff)
        let short = PodmanStore.shortName(of: entry.layer)
        try put(Array(short.utf8), at: layer.appending(Array("link".utf8)))
        let link = PodmanStore.shortNames.appending(Array(short.utf8))
        try editor.makeDirectory(PodmanStore.shortNames, ownsCatalog: PodmanStore.ownsCatalog)
        try editor.putLink(to: link.relativeTarget(to: diff), at: link)
    }

    private func put(_ content: [UInt8], at path: TreePath) throws {
        try editor.makeDirectory(path.parent, ownsCatalog: PodmanStore.ownsCatalog)
        try editor.putFile(content, at: path)
    }

    private static func list<Element: Decodable>(_ bytes: [UInt8]?) -> [Element] {
        // Our own lists can be read; after a change of their form they are made anew.
        bytes.flatMap { try? JSONDecoder().decode([Element].self, from: Data($0)) } ?? []
    }
}
