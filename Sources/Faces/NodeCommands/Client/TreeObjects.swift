// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests

/// The objects that a part of a revision's tree consists of.
struct TreeObjects {
    private let walker: TreeWalker
    private let root: DirectoryPlace

    /// Looks into one revision.
    ///
    /// - Throws: `ReaderProblem`.
    init(_ reader: RepositoryReader, _ choice: RevisionChoice) throws {
        root = .root(try reader.choose(choice).root)
        walker = TreeWalker(CatalogShelf(reader.objects, limit: 64))
    }

    /// Calls `body` for each object of the chosen paths, catalogs on the way included.
    ///
    /// The catalogs are fetched at once. An object that several files share comes several times.
    ///
    /// - Returns: how many entries were chosen.
    /// - Throws: `ReaderProblem`, and what `body` throws.
    func visit(_ selection: PathSelection, _ body: (ObjectFetcher.Wanted) throws -> Void) throws -> Int {
        var count = 0
        let decision = selection.decide([])
        guard decision != .skip else { return 0 }
        try body(.init(root.catalog.hash, .catalog))
        var directories = [(place: root, path: [[UInt8]]())]
        if decision == .take { count += 1 }
        while let (directory, path) = directories.popLast() {
            for child in try children(of: directory) {
                let childPath = path + [child.name]
                let decision = selection.decide(childPath)
                guard decision != .skip, !child.flags.contains(.hidden) else { continue }
                if decision == .take { count += 1 }
                let inside = directory.path(of: child.name)
                if child.isDirectory {
                    let place = try walker.place(of: child, at: inside, in: directory.catalog, .mayFetch)
                    if place.catalog.hash != directory.catalog.hash {
                        try body(.init(place.catalog.hash, .catalog))
                    }
                    directories.append((place, childPath))
                } else if child.isRegular, decision == .take, !child.flags.contains(.external) {
                    // External files are somebody else's, and are read where they are.
                    let found = FoundEntry(entry: child, catalog: directory.catalog, path: inside)
                    for wanted in try FileObjects.all(of: found, walker, .mayFetch) { try body(wanted) }
                }
            }
        }
        return count
    }

    /// A path and, if it is a link, what it leads to within the repository.
    ///
    /// - Throws: `ReaderProblem`; `path` if links go in circles.
    func selection(of path: String) throws -> PathSelection {
        var paths = [path]
        while let target = try linkTarget(of: paths[paths.count - 1]) {
            guard paths.count < 40 else {
                throw SettingProblem(.path, "the links at \(path) lead in circles")
            }
            paths.append(target)
        }
        return PathSelection(list: paths.joined(separator: "\n"))
    }

    /// Where the first link in a path leads, together with what follows it in the path; `nil` if there is none.
    private func linkTarget(of path: String) throws -> String? {
        let components = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
        guard !components.isEmpty else { return nil }
        for count in 1...components.count {
            guard let found = try walker.find(Array(components[..<count]), from: root, .mayFetch) else {
                return nil
            }
            guard found.entry.flags.contains(.symbolicLink) else { continue }
            var above = Array(components[..<(count - 1)])
            let target = Array(found.entry.linkTarget)
            if target.first == UInt8(ascii: "/") { above = [] }
            for part in target.split(separator: UInt8(ascii: "/")).map({ Array($0) }) + components[count...] {
                switch part {
                case Array(".".utf8): break
                case Array("..".utf8): _ = above.popLast()
                default: above.append(part)
                }
            }
            return "/" + above.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        }
        return nil
    }

    private func children(of place: DirectoryPlace) throws -> [CatalogEntry] {
        try walker.catalog(of: place, .mayFetch).children(of: walker.key(place.path))
    }
}
