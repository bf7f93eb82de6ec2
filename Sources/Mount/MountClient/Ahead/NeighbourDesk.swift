// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import Synchronization
internal import TransferPlanning

/// Has files fetched ahead that are near those which somebody had to wait for, the libraries of programs, and catalogs below
/// those that were fetched.
final class NeighbourDesk: Sendable {
    /// The directory that was looked at last is the one that is read next.
    private let files = BackgroundLane(
        "wharf-neighbour",
        threads: SlotPlan.aheadLimit,
        jobs: 4096,
        newestFirst: true
    )
    /// What there are weaker signs for waits for none of the others.
    private let guesses = BackgroundLane(
        "wharf-guess",
        threads: SlotPlan.aheadLimit / 2,
        jobs: 4096,
        newestFirst: true
    )
    /// Looks at directories need nothing from the network, and so are not held up by what does.
    private let looks = BackgroundLane("wharf-look", threads: 2, jobs: 512)
    /// Catalogs and the headers of programs, which lead on to others.
    private let leads = BackgroundLane("wharf-lead", threads: 16, jobs: 512)
    private let history = Mutex(WaitHistory())
    /// The programs and libraries that were looked at.
    private let seen = Mutex<Set<[UInt8]>>([])

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

    /// Somebody waited for a file, of which at least the beginning has come; never waits itself.
    func got(_ node: Node, _ state: MountState) {
        guard Self.isLoadable(node) else { return }
        let distance = state.distance
        guard distance > .near else { return }
        look(
            at: LibrarySurvey.Library(path: node.path, file: node.found),
            distance,
            AheadBudget(bytes: 128 << 20),
            state
        )
    }

    private static func isLoadable(_ node: Node) -> Bool {
        node.entry.mode & 0o111 != 0 || node.entry.name.firstRange(of: Array(".so".utf8)) != nil
    }

    /// Has everything fetched that a program or library needs, once.
    private func look(
        at library: LibrarySurvey.Library,
        _ distance: Distance,
        _ budget: AheadBudget,
        _ state: MountState
    ) {
        let isNew = seen.withLock { seen in
            // What is forgotten is only looked at again.
            if seen.count >= 4096 { seen = [] }
            return seen.insert(library.path).inserted
        }
        guard isNew else { return }
        leads.add { [self] in
            var survey = LibrarySurvey(state)
            // What comes last is fetched first: the first library, and of each its headers, which lead on.
            for needed in ((try? survey.dependencies(of: library)) ?? []).reversed() where budget.takeLook() {
                let limit = min(distance.libraryLimit, budget.take(bytes: needed.file.entry.size))
                let objects = try? survey.objects(of: needed, wholeUpTo: limit)
                guard let first = objects?.first else { continue }
                fetch(Array(objects?.dropFirst() ?? []), state)
                files.add { [self] in
                    guard (try? state.reader.objects.objectAhead(first)) != nil else { return }
                    look(at: needed, distance, budget, state)
                }
            }
        }
    }

    /// Somebody waited for a catalog; never waits itself.
    func waited(for catalog: CatalogPlace, _ state: MountState) {
        guard state.distance >= .remote, ImmutableTrees.isFrozen(catalog.mountPath) else { return }
        looks.add { [self, state] in
            try? NeighbourSurvey(state, state.distance, self).addCatalogs(below: catalog)
        }
    }

    /// Fetches objects, the first of them first; those that are only guessed without keeping others waiting.
    func fetch(_ wanted: [ObjectFetcher.Wanted], areGuesses: Bool = false, _ state: MountState) {
        let lane = areGuesses ? guesses : files
        for wanted in wanted.reversed() {
            lane.add { _ = try? state.reader.objects.objectAhead(wanted) }
        }
    }

    /// Fetches a catalog, and goes on with it.
    func fetch(_ catalog: ContentHash, _ state: MountState, then next: @escaping @Sendable () -> Void) {
        leads.add {
            let wanted = ObjectFetcher.Wanted(catalog, .catalog)
            if (try? state.reader.objects.objectAhead(wanted)) != nil { next() }
        }
    }

    /// Drops what waits.
    func close() {
        looks.close()
        leads.close()
        files.close()
        guesses.close()
    }
}
