// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import Digests
internal import Foundation

/// Keeps the named snapshots and the reflog of a repository.
///
/// - Source: cvmfs-format D, B.9.
struct PublicationHistory {
    let objects: ObjectStore
    let terms: PublicationTerms

    /// What a commit adds: objects that are stored, and a reflog that waits under another name.
    struct Update {
        var history: ContentHash
        var reflog: ContentHash
        var stagedReflog: String
    }

    /// Writes the history database of a new revision, and stages the reflog.
    func prepare(
        _ next: PublishedManifest,
        after current: PublishedManifest,
        tag: String?,
        forgetsCollected: Bool
    ) throws -> Update {
        let history = try writeHistory(next, after: current, tag: tag)
        let location = objects.location
        let staged = location.scratchFile("reflog")
        let exists = FileAccess.size(of: location.reflog) != nil
        if exists {
            let bytes = try FileAccess.read(location.reflog)
            try FileAccess.replace(staged, with: bytes, by: staged + ".part", isSynced: false)
        }
        let references = [
            ReflogReference(hash: next.rootCatalog, kind: .catalog, timestamp: next.timestamp),
            ReflogReference(hash: history, kind: .history, timestamp: next.timestamp),
            next.certificate.map { ReflogReference(hash: $0, kind: .certificate, timestamp: next.timestamp) },
            next.metainfo.map { ReflogReference(hash: $0, kind: .metainfo, timestamp: next.timestamp) },
        ]
        try ReflogDatabase.add(
            references.compactMap { $0 },
            repository: location.name.name,
            path: staged,
            exists: exists
        )
        if forgetsCollected { try forgetCollected(in: staged) }
        let reflog = ContentHash(objects.algorithm, of: try FileAccess.read(staged))
        // Named by its hash, so that a crash after the manifest's swap can be repaired.
        let named = stagedReflog(reflog)
        guard rename(staged, named) == 0 else {
            throw PublisherProblem(.inputOutput, "cannot rename \(staged) to \(named)")
        }
        return Update(history: history, reflog: reflog, stagedReflog: named)
    }

    /// Whether the reflog lists something that was collected.
    func listsCollected() throws -> Bool {
        let path = objects.location.reflog
        guard FileAccess.size(of: path) != nil else { return false }
        return try !collected(ReflogDatabase.read(path: path)).isEmpty
    }

    private func forgetCollected(in reflog: String) throws {
        let gone = try collected(ReflogDatabase.read(path: reflog))
        if !gone.isEmpty { try ReflogDatabase.remove(gone, path: reflog) }
    }

    private static func objectKind(_ kind: ReflogReference.Kind) -> ObjectKind {
        switch kind {
        case .catalog: .catalog
        case .certificate: .certificate
        case .history: .history
        case .metainfo: .metainfo
        }
    }

    /// Those that are not there: nobody but the garbage collection takes roots away.
    private func collected(_ references: [ReflogReference]) -> [ReflogReference] {
        references.filter { !objects.contains($0.hash, Self.objectKind($0.kind)) }
    }

    /// Puts the reflog of a published revision in place.
    func install(_ update: Update) throws {
        guard rename(update.stagedReflog, objects.location.reflog) == 0 else {
            throw PublisherProblem(
                .inputOutput,
                "cannot rename \(update.stagedReflog) to \(objects.location.reflog)"
            )
        }
    }

    /// Puts the reflog that the manifest of record states in place, if a crash came between, and forgets those that wait
    /// for revisions that never came.
    func repairReflog(of manifest: PublishedManifest) throws {
        try restoreReflog(of: manifest)
        let directory = objects.location.layers
        for file in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where file.hasPrefix(Self.stagedPrefix) {
            // A file that cannot be removed is harmless: it is named by its content.
            unlink("\(directory)/\(file)")
        }
    }

    private func restoreReflog(of manifest: PublishedManifest) throws {
        guard let wanted = manifest.reflog else { return }
        // A file that cannot be read is the same as a wrong one.
        if let current = try? FileAccess.read(objects.location.reflog),
            ContentHash(wanted.algorithm, of: current) == wanted
        {
            return
        }
        let staged = stagedReflog(wanted)
        if FileAccess.size(of: staged) != nil, rename(staged, objects.location.reflog) == 0 { return }
        try rebuildReflog(from: manifest)
    }

    /// A staged reflog must survive the clearing of scratch files.
    private func stagedReflog(_ hash: ContentHash) -> String {
        "\(objects.location.layers)/\(Self.stagedPrefix)\(hash)"
    }

    private static let stagedPrefix = ".reflog-"

    /// Collects what is known to be a root: everything in the current manifest and every tagged catalog.
    private func rebuildReflog(from manifest: PublishedManifest) throws {
        var references = [
            ReflogReference(hash: manifest.rootCatalog, kind: .catalog, timestamp: manifest.timestamp)
        ]
        if let history = manifest.history {
            references.append(ReflogReference(hash: history, kind: .history, timestamp: manifest.timestamp))
            references += try read(history).snapshots.map {
                ReflogReference(hash: $0.rootCatalog, kind: .catalog, timestamp: $0.timestamp)
            }
        }
        if let certificate = manifest.certificate {
            references.append(
                ReflogReference(hash: certificate, kind: .certificate, timestamp: manifest.timestamp)
            )
        }
        if let metainfo = manifest.metainfo {
            references.append(ReflogReference(hash: metainfo, kind: .metainfo, timestamp: manifest.timestamp))
        }
        let staged = objects.location.scratchFile("reflog")
        try ReflogDatabase.add(
            references,
            repository: objects.location.name.name,
            path: staged,
            exists: false
        )
        guard rename(staged, objects.location.reflog) == 0 else {
            throw PublisherProblem(.inputOutput, "cannot rename \(staged) to \(objects.location.reflog)")
        }
    }

    // MARK: Tags

    func read(_ history: ContentHash) throws -> HistoryDatabase.Contents {
        try objects.withDatabase(history, .history) { try HistoryDatabase.read(path: $0) }
    }

    private func writeHistory(
        _ next: PublishedManifest,
        after current: PublishedManifest,
        tag: String?
    ) throws -> ContentHash {
        let old = try current.history.map { try read($0).snapshots } ?? []
        let contents = HistoryDatabase.Contents(
            repository: next.repository,
            previousRevision: current.history,
            snapshots: snapshots(next, old: old, tag: tag)
        )
        let file = objects.location.scratchFile("history")
        defer { unlink(file) }
        try HistoryDatabase.write(contents, path: file)
        return try objects.putFile(file, .history).hash
    }

    /// The snapshots after a publication: `trunk`, `trunk-previous`, an automatic tag for each revision of late, and
    /// what the user named.
    private func snapshots(_ next: PublishedManifest, old: [NamedSnapshot], tag: String?) -> [NamedSnapshot] {
        func snapshot(_ name: String, _ description: String) -> NamedSnapshot {
            NamedSnapshot(
                name: name,
                rootCatalog: next.rootCatalog,
                revision: next.revision,
                timestamp: next.timestamp,
                description: description,
                size: next.rootCatalogSize
            )
        }
        let maintained = [NamedSnapshot.trunk, NamedSnapshot.previousTrunk]
        var named = old.filter { !maintained.contains($0.name) && !AutomaticName.isOne($0.name) }
        if let tag {
            named.removeAll { $0.name == tag }
            named.append(snapshot(tag, ""))
        }
        var automatic = old.filter {
            AutomaticName.isOne($0.name) && $0.timestamp > next.timestamp - terms.snapshotAge
        }
        let name = AutomaticName.next(at: next.timestamp, taken: Set(old.map(\.name)))
        automatic.append(snapshot(name, ""))
        automatic = automatic.sorted { $0.revision < $1.revision }.suffix(terms.snapshotCount)
        var trunks = [snapshot(NamedSnapshot.trunk, "current HEAD")]
        if var previous = old.first(where: { $0.name == NamedSnapshot.trunk }) {
            previous.name = NamedSnapshot.previousTrunk
            previous.description = "default undo target"
            trunks.append(previous)
        }
        return (trunks + named + automatic).sorted { ($0.revision, $0.name) < ($1.revision, $1.name) }
    }
}

/// The names of snapshots that every revision gets by itself: `generic-2024-01-31T12:34:56Z`, and `generic_2-…` and so on for
/// further ones of the same second.
///
/// - Source: cvmfs-format D.2.
enum AutomaticName {
    private static let stem = "generic"

    /// The name of a snapshot of a moment, unix seconds.
    static func next(at time: Int64, taken: Set<String>) -> String {
        let stamp = CalendarTime(unixSeconds: time).iso8601
        var name = "\(stem)-\(stamp)"
        var number = 1
        while taken.contains(name) {
            number += 1
            name = "\(stem)_\(number)-\(stamp)"
        }
        return name
    }

    /// Whether a snapshot got its name by itself, and so is pruned.
    ///
    /// A name that a user gave is never taken for one, however it begins, unless it ends with the time as well.
    static func isOne(_ name: String) -> Bool {
        let stamp = name.suffix(20)
        let shape = stamp.map { $0.isNumber ? "0" : $0 }
        guard shape.elementsEqual("0000-00-00T00:00:00Z") else { return false }
        let front = name.dropLast(20)
        guard front.hasPrefix(stem), front.hasSuffix("-") else { return false }
        // Earlier versions wrote the revision between: generic-7-2024-…
        return front.dropFirst(stem.count).allSatisfy { $0.isNumber || $0 == "-" || $0 == "_" }
    }
}
