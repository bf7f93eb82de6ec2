// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
package import CVMFSPublisher
internal import Digests
internal import FileTree
internal import Foundation
package import MetadataStore
internal import OCISpec
internal import Problems

/// Takes flat trees and metadata that nothing names out of a published repository, and finds layer indexes that no image
/// needs.
///
/// All calls block and belong on the thread of the repository's one writer.
package struct TreeCollector {
    private let publisher: RepositoryPublisher
    private let collectables: any Collectables

    /// Works through the repository's writer.
    package init(_ publisher: RepositoryPublisher, collectables: any Collectables) {
        self.publisher = publisher
        self.collectables = collectables
    }

    /// What a look found.
    package struct Finding: Sendable {
        /// Paths of trees whose grace has passed; they are gone unless it was a look only.
        package var expired: [String] = []
        /// How many things were found unreferenced for the first time.
        package var marked = 0
        /// Files beside the layer indexes whose grace has passed.
        package var expiredFiles: [CollectableName] = []
        /// How many trees and files were looked at.
        package var seen = 0

        /// Nothing.
        package init() {}
    }

    /// Marks what nothing names, and removes trees whose grace has passed in one revision.
    ///
    /// - Parameters:
    ///   - treeDeadline: trees must be unreferenced since before this moment.
    ///   - layerDeadline: the same for layer indexes.
    ///   - isDryRun: whether nothing is to be changed.
    ///   - now: unix seconds.
    /// - Returns: what was found.
    /// - Throws: what catalogs, disk and database throw.
    package func collect(
        treeDeadline: Timestamp,
        layerDeadline: Timestamp,
        isDryRun: Bool,
        now: Int64
    ) throws -> Finding {
        var finding = Finding()
        let root = publisher.manifest.rootCatalog
        let survey = try TreeSurvey(root, in: publisher.objects, called: publisher.location.name)
        finding.seen = survey.trees.count
        let trees = try expired(
            CollectableName.treeKind,
            survey.trees.map { (.tree($0.key.bytes), $0.value) },
            treeDeadline,
            isDryRun,
            &finding
        )
        finding.expired = trees.map { "\(TreePath($0.bytes))" }.sorted()
        if !trees.isEmpty, !isDryRun { try remove(trees.map { TreePath($0.bytes) }, now: now) }
        let files = try layerFiles(survey)
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

    /// Brings the marks of a kind in line with what was seen, and returns those whose grace has passed.
    private func expired(
        _ kind: Int,
        _ things: [(name: CollectableName, isNeeded: Bool)],
        _ deadline: Timestamp,
        _ isDryRun: Bool,
        _ finding: inout Finding
    ) throws -> [CollectableName] {
        let repository = publisher.location.name.name
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

    private func remove(_ paths: [TreePath], now: Int64) throws {
        let editor = try publisher.edit(now: now)
        for path in paths {
            guard try editor.remove(path) else { continue }
            let top = path.components.first.map { TreePath($0) } ?? .root
            try editor.removeEmptyDirectories(from: path.parent, below: top)
        }
        try publisher.commit(editor)
        let names = paths.map { CollectableName.tree($0.bytes) }
        try collectables.noteReferenced(names, in: publisher.location.name.name)
    }

    // MARK: Layer indexes

    /// The files beside the layer indexes that are of a known kind, and whether an image in the tree needs them.
    private func layerFiles(_ survey: TreeSurvey) throws -> [(name: String, isNeeded: Bool)] {
        guard let layers = survey.layers else { return [] }
        let indexes = Set(layers.map { RepositoryLocation.layerIndexName($0) })
        let configs = Set(
            survey.flats.map { String(decoding: TreePath($0).name, as: UTF8.self) + ".fidelity.json" }
        )
        let directory = publisher.location.layers
        return try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { name in
            if name.hasSuffix(".index") { return (name, indexes.contains(name)) }
            if name.hasSuffix(".fidelity.json") { return (name, configs.contains(name)) }
            guard name.hasSuffix(".diff-id") else { return nil }
            // What cannot be read proves nothing and is not needed.
            let text = (try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)) ?? ""
            return (name, OCIDigest(text).map { layers.contains($0) } ?? false)
        }
    }
}
