// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import Digests
internal import ObjectCache

/// Verifies the tree of catalogs from the root down, one open catalog at a time.
///
/// - Source: cvmfs-format C.13, C.16, C.19.
final class CatalogTreeCheck {
    /// How many catalogs were verified.
    private(set) var catalogCount = 0
    /// How many rows they have.
    private(set) var rowCount: Int64 = 0

    private let objects: ObjectFetcher
    private let inventory: ObjectInventory
    private let sink: FaultSink
    private let onProgress: (Int, Int64) -> Void
    private var seen: Set<ContentHash> = []

    /// No path that the kernel takes is longer, and so no chain of catalogs is deeper.
    private static let pathLimit = 4096

    init(
        objects: ObjectFetcher,
        inventory: ObjectInventory,
        sink: FaultSink,
        onProgress: @escaping (Int, Int64) -> Void
    ) {
        self.objects = objects
        self.inventory = inventory
        self.sink = sink
        self.onProgress = onProgress
    }

    /// Verifies the tree of a revision.
    func run(_ manifest: PublishedManifest) {
        let place = CatalogReference(path: [], hash: manifest.rootCatalog, size: manifest.rootCatalogSize)
        _ = check(place, mountpoint: nil, manifest)
    }

    /// Verifies a catalog and those below it; returns the sum of their counters, `nil` if it cannot be told.
    private func check(
        _ reference: CatalogReference,
        mountpoint: CatalogEntry?,
        _ manifest: PublishedManifest?
    ) -> CatalogCounters.Tally? {
        guard seen.insert(reference.hash).inserted else {
            sink.add(.nestedCatalog, reference.path, "the catalog \(reference.hash) is mounted a second time")
            return nil
        }
        guard let outcome = open(reference, manifest) else { return nil }
        if let mountpoint, let root = outcome.root {
            compare(mountpoint, root, at: reference.path)
        }
        var subtree: CatalogCounters.Tally? = CatalogCounters.Tally()
        for nested in outcome.nested {
            guard isBelow(nested.reference.path, reference.path) else { continue }
            let below = check(nested.reference, mountpoint: nested.row, nil)
            if let below { subtree? += below } else { subtree = nil }
        }
        compareCounters(outcome, subtree, at: reference.path)
        guard var total = subtree else { return nil }
        total += outcome.own
        return total
    }

    private func open(_ reference: CatalogReference, _ manifest: PublishedManifest?) -> CatalogCheck.Outcome?
    {
        do {
            let object = try objects.object(.init(reference.hash, .catalog))
            inventory.noteVerified(reference.hash, .catalog)
            if reference.size > 0, object.size != reference.size {
                sink.add(
                    .catalogSize,
                    reference.path,
                    "the catalog has \(object.size) bytes, but \(reference.size) are recorded"
                )
            }
            let reader = try CatalogReader(path: object.path)
            if let manifest { checkRoot(reader, manifest) }
            let check = CatalogCheck(reader, mount: reference.path, sink: sink, objects: inventory)
            defer {
                catalogCount += 1
                rowCount += check.visitedRows
                onProgress(catalogCount, rowCount)
            }
            return try check.run()
        } catch let problem as ReaderProblem {
            sink.add(problem.code == .corrupt ? .corruptObject : .missingObject, reference.path, "\(problem)")
        } catch {
            sink.add(.catalog, reference.path, "\(error)")
        }
        return nil
    }

    /// What manifest and root catalog both say.
    ///
    /// - Source: cvmfs-format B.1, C.4.
    private func checkRoot(_ root: CatalogReader, _ manifest: PublishedManifest) {
        if root.revision != manifest.revision {
            sink.add(
                .manifest,
                ".cvmfspublished",
                "the manifest says revision \(manifest.revision), the root catalog \(root.revision)"
            )
        }
        if root.lastModified > manifest.timestamp {
            sink.add(.manifest, ".cvmfspublished", "the root catalog is younger than the manifest")
        }
        if root.timeToLive != manifest.timeToLive {
            sink.add(
                .manifest,
                ".cvmfspublished",
                "the manifest says \(manifest.timeToLive) s to live, the root catalog \(root.timeToLive)"
            )
        }
    }

    private func isBelow(_ path: [UInt8], _ parent: [UInt8]) -> Bool {
        guard path.count <= Self.pathLimit, path.starts(with: parent + [UInt8(ascii: "/")]) else {
            sink.add(.nestedCatalog, path, "the mountpoint is not below that of its parent")
            return false
        }
        return true
    }

    /// Both rows of a transition describe one directory.
    private func compare(_ parent: CatalogEntry, _ child: CatalogEntry, at path: [UInt8]) {
        var (left, right) = (parent, child)
        (left.flags, right.flags) = ([], [])
        (left.linkGroup, right.linkGroup) = (0, 0)
        (left.rowID, right.rowID) = (0, 0)
        if left != right {
            sink.add(
                .transition,
                path,
                "the parent and the nested catalog describe the directory differently"
            )
        }
    }

    // MARK: Counters

    private func compareCounters(
        _ outcome: CatalogCheck.Outcome,
        _ subtree: CatalogCounters.Tally?,
        at path: [UInt8]
    ) {
        for (name, field) in CatalogCounters.fields
        where outcome.schemaRevision >= Self.firstRevision(of: name) {
            compare(outcome.stored, "self_" + name, outcome.own[keyPath: field], .counters, at: path)
            if let subtree {
                compare(
                    outcome.stored,
                    "subtree_" + name,
                    subtree[keyPath: field],
                    .subtreeCounters,
                    at: path
                )
            }
        }
    }

    private func compare(
        _ stored: [String: Int64],
        _ counter: String,
        _ expected: Int64,
        _ rule: RepositoryFault.Rule,
        at path: [UInt8]
    ) {
        guard let value = stored[counter] else {
            sink.add(rule, path, "the counter \(counter) is missing")
            return
        }
        if value != expected { sink.add(rule, path, "\(counter) is \(value), but \(expected) are there") }
    }

    /// The schema revision that brought a counter.
    ///
    /// - Source: cvmfs-format C.3, C.16.
    private static func firstRevision(of counter: String) -> Int {
        switch counter {
        case "xattr": 2
        case "external", "external_file_size": 3
        case "special": 5
        default: 0
        }
    }
}
