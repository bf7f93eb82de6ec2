// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import Synchronization
internal import TransferPlanning

/// Counts the files of each directory that somebody had to wait for, and has their neighbours fetched ahead.
final class NeighbourDesk: Sendable {
    private struct Directory: Hashable {
        let catalog: ContentHash
        let path: [UInt8]
    }

    /// More directories than that are begun anew: what is forgotten is only counted again.
    private static let directoryLimit = 4096
    /// The directory that was looked at last is the one that is read next.
    private let lane = BackgroundLane(
        "wharf-neighbour",
        threads: SlotPlan.aheadLimit,
        jobs: 1024,
        newestFirst: true
    )
    /// How many files were waited for, and which one last: its pieces count once.
    private let waits = Mutex<[Directory: (count: Int, last: UInt64)]>([:])

    /// Somebody waited for the content of a file; never waits itself.
    func waited(for node: Node, _ state: MountState) {
        let path = Array(node.catalogPath.dropLast(node.entry.name.count + 1))
        let directory = Directory(catalog: node.catalog.hash, path: path)
        let count = waits.withLock { waits in
            if waits.count >= Self.directoryLimit { waits = [:] }
            let known = waits[directory] ?? (0, 0)
            guard known.last != node.id else { return 0 }
            waits[directory] = (known.count + 1, node.id)
            return known.count + 1
        }
        // At one count only, so that a directory is looked at once.
        guard count == NeighbourRule.waitLimit, Self.isFar(state) else { return }
        lane.add { [self, state] in fetch(around: node, in: path, state) }
    }

    /// Drops what waits.
    func close() { lane.close() }

    private static func isFar(_ state: MountState) -> Bool {
        let sum = state.reader.objects.meter.sum
        return sum.objects > 0 && sum.duration / Int(clamping: sum.objects) >= NeighbourRule.farFrom
    }

    private func fetch(around node: Node, in path: [UInt8], _ state: MountState) {
        let walker = TreeWalker(CatalogShelf(state.reader.objects, limit: 1, library: state.catalogs))
        let directory = DirectoryPlace(catalog: node.catalog, path: path)
        // Whoever needs the catalog or a file meets the same trouble, and can be told.
        guard let catalog = try? walker.catalog(of: directory, .localOnly),
            let children = try? catalog.children(of: walker.key(path))
        else { return }
        for entry in NeighbourRule.files(of: children, after: node.entry.name).reversed() {
            let file = FoundEntry(entry: entry, catalog: node.catalog, path: directory.path(of: entry.name))
            guard let wanted = try? FileObjects.whole(file) else { continue }
            lane.add { [state] in _ = try? state.reader.objects.objectAhead(wanted) }
        }
    }
}
