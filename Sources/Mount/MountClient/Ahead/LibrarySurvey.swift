// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import ELFHeaders
internal import ObjectCache

/// A look at what a program will load, for what is to be fetched ahead.
///
/// Belongs to one thread.
struct LibrarySurvey {
    /// A library and the path at which it was found.
    struct Library {
        let path: [UInt8]
        let file: FoundEntry
    }

    /// As many links as the kernel follows.
    private static let linkLimit = 40

    private let state: MountState
    private let root: DirectoryPlace
    private let walker: TreeWalker
    /// What may still be looked up, in components of paths: programs of images can name whatever they like.
    private var stepsLeft = 50_000

    init(_ state: MountState) {
        self.state = state
        root = state.shown.root
        walker = TreeWalker(CatalogShelf(state.reader.objects, limit: 4, library: state.catalogs))
    }

    /// Finds what a file needs, reading its headers.
    ///
    /// - Parameter library: a program or a library; nothing is found for anything else.
    /// - Returns: the files that are there.
    /// - Throws: what the catalogs and the objects throw.
    mutating func dependencies(of library: Library) throws -> [Library] {
        let pieces = try FileObjects.all(of: library.file, walker, .mayFetch)
        guard let dependencies = try ELFDependencies({ try read(pieces, at: $0, upTo: $1) }) else {
            return []
        }
        let image = ImmutableTrees.root(of: library.path)
        var found: [Library] = []
        if let interpreter = dependencies.interpreter {
            // The linker itself comes first, then its cache of where libraries are.
            for name in [interpreter, Array("/etc/ld.so.cache".utf8)] {
                guard let path = LibraryRule.path(of: name, root: image) else { continue }
                if let library = try follow(path, image: image).flatMap({ Self.library($0) }) {
                    found.append(library)
                }
            }
        }
        var directories: [[[UInt8]]] = []
        for path in LibraryRule.directories(of: library.path, dependencies, root: image) {
            guard let place = try follow(path, image: image), place.entry?.entry.isDirectory ?? true,
                !directories.contains(place.names)
            else { continue }
            directories.append(place.names)
        }
        for name in dependencies.libraries {
            if let library = try find(name, in: directories, image: image) { found.append(library) }
        }
        return found
    }

    private mutating func find(
        _ name: [UInt8],
        in directories: [[[UInt8]]],
        image: [UInt8]?
    ) throws -> Library? {
        guard !name.contains(UInt8(ascii: "/")) else {
            guard let path = LibraryRule.path(of: name, root: image) else { return nil }
            return try follow(path, image: image).flatMap { Self.library($0) }
        }
        for directory in directories {
            if let library = try follow([name], from: directory, image: image).flatMap({ Self.library($0) }) {
                return library
            }
        }
        return nil
    }

    private static func library(_ place: Place) -> Library? {
        guard let file = place.entry, file.entry.isRegular, !file.entry.flags.contains(.external) else {
            return nil
        }
        return Library(path: place.names.flatMap { [UInt8(ascii: "/")] + $0 }, file: file)
    }

    /// What to fetch of a library.
    ///
    /// - Parameters:
    ///   - library: the library.
    ///   - limit: a chunked one that is larger, in bytes, is begun with only.
    /// - Returns: its objects, in order.
    /// - Throws: what the catalogs throw.
    func objects(of library: Library, wholeUpTo limit: Int64) throws -> [ObjectFetcher.Wanted] {
        let all = try FileObjects.all(of: library.file, walker, .mayFetch)
        return library.file.entry.size <= limit ? all : Array(all.prefix(1))
    }

    /// Where a path leads.
    private struct Place {
        /// The names of the path, without links.
        var names: [[UInt8]]
        /// What is there; `nil` for a directory that was reached by going up.
        var entry: FoundEntry?
    }

    private mutating func follow(_ path: [UInt8], image: [UInt8]?) throws -> Place? {
        try follow(Self.components(path), from: [], image: image)
    }

    /// Follows a path from a directory as the linker would, links included; `nil` if nothing is there, or it takes too long.
    private mutating func follow(_ path: [[UInt8]], from start: [[UInt8]], image: [UInt8]?) throws -> Place? {
        var left = Array(path.reversed())
        var place = Place(names: start)
        var links = 0
        while let name = left.popLast() {
            if name == Array("..".utf8) {
                place = Place(names: place.names.dropLast())
                continue
            }
            let names = place.names + [name]
            stepsLeft -= names.count
            guard stepsLeft > 0, let found = try walker.find(names, from: root, .mayFetch) else { return nil }
            guard found.entry.type == .symbolicLink else {
                place = Place(names: names, entry: found)
                continue
            }
            let target = found.entry.linkTarget
            links += 1
            guard links <= Self.linkLimit else { return nil }
            if target.first == UInt8(ascii: "/") {
                guard let image else { return nil }
                place = Place(names: Self.components(image))
            }
            left += Self.components(target).reversed()
        }
        return place
    }

    private static func components(_ path: [UInt8]) -> [[UInt8]] {
        path.split(separator: UInt8(ascii: "/")).map { Array($0) }.filter { $0 != [UInt8(ascii: ".")] }
    }

    /// Reads from the objects of a file, which stand one after the other.
    private func read(_ pieces: [ObjectFetcher.Wanted], at offset: Int64, upTo count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var start: Int64 = 0
        for piece in pieces where bytes.count < count {
            let size = piece.size ?? 0
            // What was read lies in the file, so that the sum is no larger than that.
            let position = offset + Int64(bytes.count)
            if position >= start, position - start < size {
                bytes += try read(piece, at: position - start, upTo: count - bytes.count)
            }
            start += size
        }
        return bytes
    }

    private func read(_ wanted: ObjectFetcher.Wanted, at offset: Int64, upTo count: Int) throws -> [UInt8] {
        let object = try state.reader.objects.objectAhead(wanted)
        let room = Int(clamping: min(Int64(count), object.size - offset))
        guard room > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: room)
        let filled = try bytes.withUnsafeMutableBytes { try object.read(at: offset, into: $0) }
        return Array(bytes.prefix(filled))
    }
}
