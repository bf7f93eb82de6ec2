// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import Synchronization
internal import TransferPlanning

/// Has files fetched ahead that are near those which somebody had to wait for, and catalogs below those that were fetched.
final class NeighbourDesk: Sendable {
    /// The directory that was looked at last is the one that is read next.
    private let files = BackgroundLane(
        "wharf-neighbour",
        threads: SlotPlan.aheadLimit,
        jobs: 4096,
        newestFirst: true
    )
    /// Looks and catalogs do not stand behind thousands of files.
    private let looks = BackgroundLane("wharf-look", threads: 8, jobs: 512)
    private let history = Mutex(WaitHistory())

    /// Somebody waited for the content of a file; never waits itself.
    func waited(for node: Node, _ state: MountState) {
        guard let directory = WaitHistory.parent(of: node.path) else { return }
        let distance = state.distance
        for wish in history.withLock({ $0.wait(for: node.id, in: directory, distance) }) {
            looks.add { [self, state] in
                let survey = NeighbourSurvey(state, distance, self)
                // Whoever needs a catalog or a file meets the same trouble, and can be told.
                try? survey.fulfil(wish, after: node.entry.name)
            }
        }
    }

    /// Somebody waited for a catalog; never waits itself.
    func waited(for catalog: CatalogPlace, _ state: MountState) {
        guard state.distance == .remote, ImmutableTrees.isFrozen(catalog.mountPath) else { return }
        looks.add { [self, state] in
            try? NeighbourSurvey(state, .remote, self).addCatalogs(below: catalog)
        }
    }

    /// Fetches objects, the first of them first.
    func fetch(_ wanted: [ObjectFetcher.Wanted], _ state: MountState) {
        for wanted in wanted.reversed() {
            files.add { _ = try? state.reader.objects.objectAhead(wanted) }
        }
    }

    /// Fetches a catalog, and goes on with it.
    func fetch(_ catalog: ContentHash, _ state: MountState, then next: @escaping @Sendable () -> Void) {
        looks.add {
            let wanted = ObjectFetcher.Wanted(catalog, .catalog)
            if (try? state.reader.objects.objectAhead(wanted)) != nil { next() }
        }
    }

    /// Drops what waits.
    func close() {
        looks.close()
        files.close()
    }
}
