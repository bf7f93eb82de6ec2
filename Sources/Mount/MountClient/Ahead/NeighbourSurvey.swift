// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests

/// A look at directories, for what is to be fetched ahead.
///
/// Belongs to one thread; nothing it needs is waited for.
struct NeighbourSurvey {
    /// Catalogs that are larger are not fetched before they are needed.
    private static let catalogLimit: Int64 = 512 << 10
    /// Packages are not deeper, and each level stands on the stack.
    private static let depthLimit = 16

    private let state: MountState
    private let distance: Distance
    private let desk: NeighbourDesk
    private let budget: AheadBudget
    private let walker: TreeWalker

    init(_ state: MountState, _ distance: Distance, _ desk: NeighbourDesk, _ budget: AheadBudget? = nil) {
        self.state = state
        self.distance = distance
        self.desk = desk
        self.budget = budget ?? AheadBudget(bytes: distance.bytesLimit)
        walker = TreeWalker(CatalogShelf(state.reader.objects, limit: 2, library: state.catalogs))
    }

    /// Has everything of a wish fetched.
    func fulfil(_ wish: WaitHistory.Wish, after name: [UInt8]) throws {
        switch wish {
        case .directory(let path):
            guard let place = try place(of: path) else { return }
            try addFiles(of: place, children(in: place), after: name)
        case .family(let path):
            guard let place = try place(of: path) else { return }
            let children = try children(in: place)
            try addFiles(of: place, children, after: name, unlessLarge: true)
            guard distance == .overseas else { return }
            if let above = WaitHistory.parent(of: path), let place = try self.place(of: above) {
                try addFiles(of: place, self.children(in: place), unlessLarge: true, areGuesses: true)
            }
            try forEachDirectory(of: place, children) { survey, below in
                try survey.addFiles(
                    of: below,
                    survey.children(in: below),
                    unlessLarge: true,
                    areGuesses: true
                )
            }
        case .subtree(let path):
            guard let place = try place(of: path) else { return }
            try addAll(below: place, depth: 0)
        }
    }

    /// Has the catalogs fetched that are nested in one that was.
    func addCatalogs(below catalog: CatalogPlace) throws {
        let nested = try walker.catalog(of: DirectoryPlace(catalog: catalog, path: []), .localOnly)
            .nestedCatalogs()
        for reference in nested where reference.size <= Self.catalogLimit {
            guard budget.takeCatalog() else { return }
            let place = CatalogPlace(hash: reference.hash, mountPath: reference.path)
            desk.fetch(reference.hash, state) { [again] in try? again().addCatalogs(below: place) }
        }
    }

    /// A look with the same budget, for another thread.
    private var again: @Sendable () -> NeighbourSurvey {
        { [state, distance, desk, budget] in NeighbourSurvey(state, distance, desk, budget) }
    }

    private func addAll(below place: DirectoryPlace, depth: Int) throws {
        guard depth < Self.depthLimit else { return }
        let children = try children(in: place)
        // A large one has its own wish at the second wait in it, and would leave nothing for the others.
        try addFiles(of: place, children, unlessLarge: true, areGuesses: true)
        try forEachDirectory(of: place, children) { survey, below in
            try survey.addAll(below: below, depth: depth + 1)
        }
    }

    /// Where the children of a directory are, by its path in the mount; `nil` if there is none now.
    private func place(of path: [UInt8]) throws -> DirectoryPlace? {
        let names = path.split(separator: UInt8(ascii: "/")).map { Array($0) }
        guard let found = try walker.find(names, from: state.shown.root, .localOnly), found.entry.isDirectory
        else { return nil }
        return try walker.place(of: found.entry, at: found.path, in: found.catalog, .localOnly)
    }

    private func children(in place: DirectoryPlace) throws -> [CatalogEntry] {
        try walker.catalog(of: place, .localOnly).children(of: walker.key(place.path))
    }

    private func addFiles(
        of place: DirectoryPlace,
        _ children: [CatalogEntry],
        after name: [UInt8] = [],
        unlessLarge: Bool = false,
        areGuesses: Bool = false
    ) throws {
        let files = budget.withBytes { bytes in
            NeighbourRule.files(
                of: children,
                after: name,
                upTo: distance.fileLimit,
                within: unlessLarge ? NeighbourRule.smallDirectory : nil,
                &bytes
            )
        }
        desk.fetch(
            try files.map { try FileObjects.whole(found($0, in: place)) },
            areGuesses: areGuesses,
            state
        )
    }

    /// Looks at the directories below one, on other threads where a catalog has to come first.
    private func forEachDirectory(
        of place: DirectoryPlace,
        _ children: [CatalogEntry],
        _ look: @escaping @Sendable (NeighbourSurvey, DirectoryPlace) throws -> Void
    ) throws {
        let directories = children.filter { NeighbourRule.isWorthALook($0) }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
        for entry in directories.prefix(NeighbourRule.directoryCount) where budget.takeLook() {
            let found = found(entry, in: place)
            let below = try walker.place(of: entry, at: found.path, in: place.catalog, .localOnly)
            if below.catalog.hash == place.catalog.hash {
                try look(self, below)
            } else if budget.takeCatalog() {
                desk.fetch(below.catalog.hash, state) { [again] in try? look(again(), below) }
            }
        }
    }

    private func found(_ entry: CatalogEntry, in place: DirectoryPlace) -> FoundEntry {
        FoundEntry(entry: entry, catalog: place.catalog, path: place.path(of: entry.name))
    }
}
