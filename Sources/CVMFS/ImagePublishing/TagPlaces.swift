// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import FileTree
internal import MetadataStore
internal import OCISpec

/// All that a tree shows of one tag, but for the trees of its images: links, aliases, metadata.
///
/// What is wanted is gathered first; then what differs is changed. So a tag that is looked at again without need makes no
/// new revision.
struct TagPlaces {
    private let layout: TreeLayout
    private let repository: RepositoryName
    private let tag: TagName
    private var target: [UInt8] = []
    private var aliasTarget: [UInt8] = []
    private var platformLinks: [TreePath: [UInt8]] = [:]
    private var metadata: [TreePath: [String: [UInt8]]] = [:]

    private var link: TreePath { layout.link(repository, tag) }
    private var alias: TreePath { layout.alias(repository, tag) }

    init(layout: TreeLayout, repository: RepositoryName, tag: TagName) {
        self.layout = layout
        self.repository = repository
        self.tag = tag
    }

    // MARK: What is wanted

    /// The tag is an image.
    mutating func show(_ image: PreparedImage, referrers: [String: [UInt8]], at flat: TreePath) {
        target = link.relativeTarget(to: flat)
        aliasTarget = alias.relativeTarget(to: flat)
        metadata[layout.metadata(repository, tag)] = Self.description(of: image, referrers)
    }

    /// The tag is an index, of which this is one image.
    mutating func show(
        _ image: PreparedImage,
        of platform: PlatformName,
        referrers: [String: [UInt8]],
        at flat: TreePath
    ) {
        let place = layout.platformLink(platform, repository, tag)
        platformLinks[place] = place.relativeTarget(to: flat)
        metadata[layout.metadata(repository, tag, platform: platform)] = Self.description(
            of: image,
            referrers
        )
    }

    /// The tag is an index; its metadata are those of the usual image, with the index.
    mutating func showIndex(_ bytes: [UInt8], usual: PreparedImage, referrers: [String: [UInt8]]) {
        target = layout.variantTarget(from: link, repository, tag)
        aliasTarget = layout.variantTarget(from: alias, repository, tag)
        var files = Self.description(of: usual, referrers)
        files["image-index.json"] = bytes
        metadata[layout.metadata(repository, tag)] = files
    }

    private static func description(of image: PreparedImage, _ referrers: [String: [UInt8]]) -> [String:
        [UInt8]]
    {
        var files = [
            "manifest.json": ToolManifest(image.image).json, "image-manifest.json": image.image.manifestBytes,
            "image-config.json": image.image.configBytes, "fidelity.json": image.fidelity.json,
        ]
        for (name, content) in referrers { files["referrers/" + name] = content }
        return files
    }

    // MARK: Changing the tree

    /// Makes the tree show what is wanted.
    func put(in editor: CatalogEditor) throws -> [PublicationWarning] {
        try removePlatforms(in: editor)
        for (path, target) in platformLinks { try putLink(path, to: target, in: editor) }
        if !platformLinks.isEmpty { try putPlatformAliases(in: editor) }
        try putLink(link, to: target, in: editor)
        for (place, files) in metadata { try put(files, at: place, in: editor) }
        return try putAlias(in: editor)
    }

    /// Takes all of it away.
    func remove(in editor: CatalogEditor) throws {
        try removePlatforms(in: editor)
        try removeUpward(TreeLayout.metadata.appending(link), below: TreeLayout.metadata, in: editor)
        try removeUpward(link, below: .root, in: editor)
        // A directory at this place is that of another repository's aliases.
        guard try editor.entry(at: alias)?.isDirectory == false else { return }
        try removeUpward(alias, below: TreeLayout.byName, in: editor)
    }

    /// Takes away what the tag shows of platforms that are not wanted.
    private func removePlatforms(in editor: CatalogEditor) throws {
        let platforms = try editor.names(in: TreeLayout.multiarch).filter { $0 != TreeCatalogs.marker }
        for platform in platforms {
            let directory = TreeLayout.multiarch.appending(platform)
            guard try editor.entry(at: directory)?.isDirectory ?? false else { continue }
            let place = directory.appending(link)
            guard platformLinks[place] == nil else { continue }
            try removeUpward(place, below: directory, in: editor)
            let metadata = TreeLayout.metadata.appending(directory)
            try removeUpward(metadata.appending(link), below: metadata, in: editor)
        }
    }

    private func putPlatformAliases(in editor: CatalogEditor) throws {
        for (name, target) in PlatformName.aliases {
            let path = TreeLayout.multiarch.appending(Array(name.utf8))
            // A directory of that name would be a platform that was published under it.
            guard try editor.entry(at: path).map({ !$0.isDirectory }) ?? true else { continue }
            try editor.putLink(to: Array(target.utf8), at: path)
        }
    }

    private func putLink(_ path: TreePath, to target: [UInt8], in editor: CatalogEditor) throws {
        try editor.makeDirectory(path.parent, ownsCatalog: TreeLayout.ownsCatalog)
        try editor.putLink(to: target, at: path)
    }

    /// Puts the alias without colons, unless its place is taken.
    ///
    /// Without the colon, the alias of `app:1` and the directory of `app/1` are one path. What stands there first stays, and
    /// the other image has its public link alone.
    private func putAlias(in editor: CatalogEditor) throws -> [PublicationWarning] {
        guard try !isBlocked(alias.parent, in: editor), try editor.entry(at: alias)?.isDirectory != true
        else {
            return [PublicationWarning(kind: "alias-taken", path: "\(alias)")]
        }
        try putLink(alias, to: aliasTarget, in: editor)
        return []
    }

    /// Whether something on the way to a directory, or at its place, is none.
    private func isBlocked(_ directory: TreePath, in editor: CatalogEditor) throws -> Bool {
        guard !directory.isRoot else { return false }
        if let entry = try editor.entry(at: directory) { return !entry.isDirectory }
        return try isBlocked(directory.parent, in: editor)
    }

    // MARK: Metadata

    /// Makes a directory hold these files and nothing else.
    private func put(_ files: [String: [UInt8]], at place: TreePath, in editor: CatalogEditor) throws {
        try editor.makeDirectory(place) { $0 != place && TreeLayout.ownsCatalog($0) }
        let wanted = Set(files.keys.map { place.appending(TreePath($0)) })
        try prune(place, keeping: wanted, in: editor)
        for (name, content) in files.sorted(by: { $0.key < $1.key }) {
            let path = place.appending(TreePath(name))
            try editor.makeDirectory(path.parent)
            try editor.putFile(content, at: path)
        }
    }

    private func prune(_ directory: TreePath, keeping wanted: Set<TreePath>, in editor: CatalogEditor) throws
    {
        for name in try editor.names(in: directory) {
            let path = directory.appending(name)
            guard !wanted.contains(path) else { continue }
            if wanted.contains(where: { $0.isInside(path) }) {
                try prune(path, keeping: wanted, in: editor)
            } else {
                try editor.remove(path)
            }
        }
    }

    private func removeUpward(_ path: TreePath, below limit: TreePath, in editor: CatalogEditor) throws {
        guard try editor.remove(path) else { return }
        try editor.removeEmptyDirectories(from: path.parent, below: limit)
    }
}
