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
    private var removing = CollectionPace()
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
        let layers = collector.deadline(collector.graces.layers)
        let (trees, now) = (collector.trees(of: objects), collector.now().secondsSince1970)
        let finding = try trees.look(
            try manifest().rootCatalog,
            treeDeadline: collector.deadline(collector.graces.trees),
            layerDeadline: layers,
            isDryRun: run.isDryRun
        )
        run.seen += Int64(finding.seen)
        run.marked += Int64(finding.marked)
        var gone = finding.expired
        if !run.isDryRun, !gone.isEmpty {
            gone = try collector.writing(location.name) { try trees.remove(finding, with: $0, now: now) }
        }
        for path in gone.map({ "\($0)" }).sorted() { tell("tree", path, 0, "no link leads to it") }
        run.removed["trees", default: 0] += Int64(gone.count)
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
            let there = try removing.apart { try objects.objects(beginning: first) }
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
                try inBatches(fresh) { try records.noteUnreferenced($0, in: name) }
                let live = names.filter { $0.isMarked && known[$0.name] != nil }.map(\.name)
                try inBatches(live) { try records.noteReferenced($0, in: name) }
                try inBatches(expired) { try records.condemn($0, deadline: deadline, in: name) }
                try removeCondemned()
            }
            try observer.progress(run)
        }
        guard !run.isDryRun else { return }
        // The reflog lists what was ever a root; the manifest states its hash, so only the writer may change it.
        _ = try collector.writing(location.name) { publisher in
            try publisher.forgetCollectedRoots()
            return []
        }
    }

    private func mark() throws -> RepositoryMark {
        let mark = try RepositoryMark(objects: objects, scratch: collector.scratch)
        // The layers come first: a layer whose image is published meanwhile is in one of the two.
        try RetainedLayers.forEachObject(of: location, except: goingFiles, onLayer: rest) { try mark.add($0) }
        try mark.add(try manifest(), onCatalog: rest)
        return mark
    }

    /// The manifest of record.
    private func manifest() throws -> PublishedManifest {
        guard let record = try records.record(of: name) else {
            throw RepositoryCollector.noRepository(name, in: collector.data)
        }
        return try PublishedManifest(text: SignedLetter(record.manifest).text)
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

    /// Changes rows that cost alike, a transaction for each few hundred.
    private func inBatches(_ names: [CollectableName], _ body: ([CollectableName]) throws -> Void) throws {
        for start in stride(from: 0, to: names.count, by: Self.batch) {
            try removing.apart { try body(Array(names[start...].prefix(Self.batch))) }
        }
    }

    /// Takes about a millisecond.
    private static let batch = 200

    /// Files go within the transaction that forgets them: see `Collectables.remove`.
    private func removeCondemned() throws {
        while true {
            let condemned = try records.condemned(in: name, limit: removing.batch).map(\.name)
            guard !condemned.isEmpty else { return }
            let sizes = Dictionary(uniqueKeysWithValues: condemned.map { ($0, size(of: $0)) })
            let removed = try removing.remove(condemned, in: name, of: records) { try remove($0) }
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
