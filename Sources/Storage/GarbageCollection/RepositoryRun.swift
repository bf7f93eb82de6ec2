// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSPublisher
internal import Digests
internal import Foundation
internal import ImagePublishing
internal import MetadataStore

/// One run over a published repository, with what it has done so far.
final class RepositoryRun {
    private let collector: RepositoryCollector
    private let objects: ObjectStore
    private let observer: CollectionObserver
    private let pace = CollectionPace()
    private(set) var run: CollectionRun
    /// Files beside the layer indexes that a dry run would remove.
    private var goingFiles: Set<String> = []

    private var location: RepositoryLocation { objects.location }
    private var name: String { objects.location.name.name }
    private var records: any PublishedRepositories & Collectables { collector.records }

    init(
        _ collector: RepositoryCollector,
        _ objects: ObjectStore,
        _ run: CollectionRun,
        _ observer: CollectionObserver
    ) {
        self.collector = collector
        self.objects = objects
        self.run = run
        self.observer = observer
    }

    // MARK: Trees and layers

    func collectTrees() throws {
        let (trees, layers) = (
            collector.deadline(collector.graces.trees), collector.deadline(collector.graces.layers)
        )
        let (records, isDryRun, now) = (records, run.isDryRun, collector.now().secondsSince1970)
        let finding = try collector.writing(location.name) { publisher in
            try TreeCollector(publisher, collectables: records)
                .collect(treeDeadline: trees, layerDeadline: layers, isDryRun: isDryRun, now: now)
        }
        run.seen += Int64(finding.seen)
        run.marked += Int64(finding.marked)
        for path in finding.expired { tell("tree", path, 0, "no link leads to it") }
        run.removed["trees", default: 0] += Int64(finding.expired.count)
        try observer.progress(run)
        if run.isDryRun {
            for file in finding.expiredFiles {
                let name = String(decoding: file.bytes, as: UTF8.self)
                goingFiles.insert(name)
                note(file, size: size(of: file))
            }
        } else {
            try records.condemn(finding.expiredFiles, deadline: layers, in: name)
            try removeCondemned()
        }
    }

    // MARK: Objects

    func collectObjects() throws {
        let mark = try mark()
        let deadline = collector.deadline(collector.graces.objects)
        for first in UInt8.min...UInt8.max {
            let marked = try mark.bucket(first)
            let known = try unreferenced(beginning: first)
            let there = try pace.batch { try objects.objects(beginning: first) }
            run.seen += Int64(there.count)
            let names = there.map {
                (name: CollectableName.object($0.hash, $0.kind), isMarked: marked.contains($0.hash))
            }
            let expired = names.filter { !$0.isMarked && known[$0.name].map { $0 <= deadline } ?? false }.map(
                \.name
            )
            if run.isDryRun {
                for name in expired { note(name, size: size(of: name)) }
            } else {
                let fresh = names.filter { !$0.isMarked && known[$0.name] == nil }.map(\.name)
                run.marked += Int64(fresh.count)
                try pace.batch { try records.noteUnreferenced(fresh, in: name) }
                let live = names.filter { $0.isMarked && known[$0.name] != nil }.map(\.name)
                try pace.batch { try records.noteReferenced(live, in: name) }
                try pace.batch { try records.condemn(expired, deadline: deadline, in: name) }
                try removeCondemned()
            }
            try observer.progress(run)
        }
        guard !run.isDryRun else { return }
        // The reflog lists what was ever a root; the manifest states its hash, so only the writer may change it.
        _ = try collector.writing(location.name) { publisher in
            try publisher.forgetCollectedRoots()
            return TreeCollector.Finding()
        }
    }

    private func mark() throws -> RepositoryMark {
        let mark = try RepositoryMark(objects: objects, scratch: collector.scratch)
        // The layers come first: a layer whose image is published meanwhile is in one of the two.
        try RetainedLayers.forEachObject(of: location, except: goingFiles, onLayer: rest) { try mark.add($0) }
        guard let record = try records.record(of: name) else { return mark }
        try mark.add(PublishedManifest(text: SignedLetter(record.manifest).text), onCatalog: rest)
        return mark
    }

    /// Tells of progress between two catalogs or layers; reading holds nobody up.
    private func rest() throws { try observer.progress(run) }

    private func unreferenced(beginning first: UInt8) throws -> [CollectableName: Timestamp] {
        var known: [CollectableName: Timestamp] = [:]
        for algorithm in ContentHashAlgorithm.allCases {
            for kind in ObjectKind.allCases {
                let number = CollectableName.objectKind(algorithm, kind)
                for record in try records.unreferenced(number, beginning: first, in: name) {
                    known[record.name] = record.since
                }
            }
        }
        return known
    }

    // MARK: Removing

    /// Files go within the transaction that forgets them: see `Collectables.remove`.
    private func removeCondemned() throws {
        while true {
            let condemned = try records.condemned(in: name, limit: CollectionPace.batch).map(\.name)
            guard !condemned.isEmpty else { return }
            var sizes: [CollectableName: Int64] = [:]
            let removed = try pace.batch {
                try records.remove(condemned, in: name) { name in
                    sizes[name] = size(of: name)
                    try remove(name)
                }
            }
            for name in removed { note(name, size: sizes[name] ?? 0) }
            try observer.progress(run)
        }
    }

    private func remove(_ name: CollectableName) throws {
        if let (hash, kind) = name.object { return try objects.remove(hash, kind) }
        guard name.kind == CollectableName.layerKind else { return }
        let path = layerPath(name)
        guard unlink(path) == 0 || errno == ENOENT else {
            throw CollectionProblem(.inputOutput, "cannot remove \(path)")
        }
    }

    private func size(of name: CollectableName) -> Int64 {
        if let (hash, kind) = name.object { return objects.size(of: hash, kind) ?? 0 }
        var status = stat()
        return stat(layerPath(name), &status) == 0 ? Int64(status.st_size) : 0
    }

    private func layerPath(_ name: CollectableName) -> String {
        "\(location.layers)/\(String(decoding: name.bytes, as: UTF8.self))"
    }

    /// Counts something that is gone, or would be.
    private func note(_ name: CollectableName, size: Int64) {
        run.freedBytes += size
        if let (hash, kind) = name.object {
            run.removed["objects", default: 0] += 1
            tell("object", hash.objectPath(kind), size, "no revision, snapshot or layer needs it")
        } else {
            run.removed["layers", default: 0] += 1
            tell("layer", String(decoding: name.bytes, as: UTF8.self), size, "no image in the tree needs it")
        }
    }

    private func tell(_ kind: String, _ subject: String, _ size: Int64, _ reason: String) {
        observer.item(CollectedItem(kind: kind, name: subject, repository: name, size: size, reason: reason))
    }
}
