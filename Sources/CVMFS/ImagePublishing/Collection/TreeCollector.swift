// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import CVMFSPublisher
package import Digests
package import FileTree
internal import Foundation
package import MetadataStore
package import OCISpec
internal import Problems

/// Takes trees and metadata that nothing names out of a published repository, and finds files beside the layer indexes that
/// no image needs.
///
/// A look reads one revision, and holds up nobody. Only the removal belongs on the thread of the repository's one writer,
/// and looks again there if the tree has moved on. All calls block.
package struct TreeCollector: Sendable {
    private let location: RepositoryLocation
    private let objects: ObjectStore
    private let collectables: any Collectables
    private let showsLayers: @Sendable (RepositoryName) throws -> Bool

    /// Works on a repository.
    ///
    /// - Parameters:
    ///   - objects: the repository's objects.
    ///   - collectables: the marks.
    ///   - showsLayers: whether the layers of a registry's repository are wanted one by one.
    package init(
        _ objects: ObjectStore,
        collectables: any Collectables,
        showsLayers: @escaping @Sendable (RepositoryName) throws -> Bool
    ) {
        location = objects.location
        self.objects = objects
        self.collectables = collectables
        self.showsLayers = showsLayers
    }

    /// What a look found.
    package struct Finding: Sendable {
        /// Trees whose grace has passed.
        package var expired: [TreePath] = []
        /// How many things were found unreferenced for the first time.
        package var marked = 0
        /// Files beside the layer indexes whose grace has passed.
        package var expiredFiles: [CollectableName] = []
        /// How many trees and files were looked at.
        package var seen = 0
        /// The root catalog of the revision that was looked at.
        let root: ContentHash
        var records = ImageRecords()
    }

    /// Looks through a revision, and marks what nothing names.
    ///
    /// - Parameters:
    ///   - root: the root catalog.
    ///   - treeDeadline: trees must be unreferenced since before this moment.
    ///   - layerDeadline: the same for files beside the layer indexes.
    ///   - isDryRun: whether nothing is to be marked.
    /// - Returns: what was found.
    /// - Throws: what catalogs, disk and database throw.
    package func look(
        _ root: ContentHash,
        treeDeadline: Timestamp,
        layerDeadline: Timestamp,
        isDryRun: Bool
    ) throws -> Finding {
        var finding = Finding(root: root)
        let survey = try survey(root, &finding.records)
        finding.seen = survey.trees.count
        let trees = try expired(
            CollectableName.treeKind,
            survey.trees.map { (.tree($0.key.bytes), $0.value) },
            treeDeadline,
            isDryRun,
            &finding
        )
        finding.expired = trees.map { TreePath($0.bytes) }
        let files = try layerFiles(survey, &finding.records)
        finding.seen += files.count
        finding.expiredFiles = try expired(
            CollectableName.layerKind,
            files.map { (.layerFile($0.name), $0.isNeeded) },
            layerDeadline,
            isDryRun,
            &finding
        )
        return finding
    }

    /// Removes the trees of a finding in one revision, except those that something names by now.
    ///
    /// - Parameters:
    ///   - finding: what a look found.
    ///   - publisher: the repository's writer.
    ///   - now: unix seconds.
    /// - Returns: the trees that were removed.
    /// - Throws: what catalogs, disk and database throw.
    package func remove(_ finding: Finding, with publisher: RepositoryPublisher, now: Int64) throws
        -> [TreePath]
    {
        var paths = finding.expired
        if publisher.manifest.rootCatalog != finding.root {
            var records = finding.records
            let survey = try survey(publisher.manifest.rootCatalog, &records)
            paths = paths.filter { survey.trees[$0] == false }
        }
        guard !paths.isEmpty else { return [] }
        let editor = try publisher.edit(now: now)
        for path in paths {
            guard try editor.remove(path) else { continue }
            let top = path.components.first.map { TreePath($0) } ?? .root
            try editor.removeEmptyDirectories(from: path.parent, below: top)
        }
        try publisher.commit(editor)
        try collectables.noteReferenced(paths.map { .tree($0.bytes) }, in: location.name.name)
        return paths
    }

    private func survey(_ root: ContentHash, _ records: inout ImageRecords) throws -> TreeSurvey {
        try TreeSurvey(
            root,
            in: objects,
            called: location.name,
            records: &records,
            showsLayers: showsLayers
        )
    }

    /// Brings the marks of a kind in line with what was seen, and returns those whose grace has passed.
    private func expired(
        _ kind: Int,
        _ things: [(name: CollectableName, isNeeded: Bool)],
        _ deadline: Timestamp,
        _ isDryRun: Bool,
        _ finding: inout Finding
    ) throws -> [CollectableName] {
        let repository = location.name.name
        let marked = try collectables.unreferenced(kind, beginning: nil, in: repository)
        let known = Set(marked.map(\.name))
        let unneeded = Set(things.lazy.filter { !$0.isNeeded }.map(\.name))
        let fresh = unneeded.subtracting(known)
        finding.marked += fresh.count
        if !isDryRun {
            // A row of what is not there any more is of no use either.
            try collectables.noteReferenced(Array(known.subtracting(unneeded)), in: repository)
            try collectables.noteUnreferenced(Array(fresh), in: repository)
        }
        return marked.filter { $0.since <= deadline && unneeded.contains($0.name) }.map(\.name)
    }

    // MARK: Layer indexes

    /// The files beside the layer indexes that are of a known kind, and whether an image in the tree needs them.
    private func layerFiles(_ survey: TreeSurvey, _ records: inout ImageRecords) throws -> [(
        name: String, isNeeded: Bool
    )] {
        guard let layers = survey.layers(in: objects, &records) else { return [] }
        let indexes = Set(layers.map { RepositoryLocation.layerIndexName($0) })
        let images = survey.flats.map { String(decoding: TreePath($0).name, as: UTF8.self) }
        let reports = Set(images.flatMap { [$0 + ".fidelity.json", $0 + ".stacking.json"] })
        let directory = location.layers
        return try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { name in
            if name.hasSuffix(".index") { return (name, indexes.contains(name)) }
            if name.hasSuffix(".fidelity.json") || name.hasSuffix(".stacking.json") {
                return (name, reports.contains(name))
            }
            guard name.hasSuffix(".diff-id") else { return nil }
            // What cannot be read proves nothing and is not needed.
            let text = (try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)) ?? ""
            return (name, OCIDigest(text).map { layers.contains($0) } ?? false)
        }
    }
}
