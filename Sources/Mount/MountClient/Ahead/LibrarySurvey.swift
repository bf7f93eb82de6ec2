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

    init(_ state: MountState) {
        self.state = state
        root = state.shown.root
        walker = TreeWalker(CatalogShelf(state.reader.objects, limit: 4, library: state.catalogs))
    }

    /// Finds what a file needs, reading its headers.
    ///
    /// - Parameter library: a program or a library; nothing is found for anything else.
    /// - Returns: the files that are there, each once.
    /// - Throws: what the catalogs and the objects throw.
    func dependencies(of library: Library) throws -> [Library] {
        guard let dependencies = try ELFDependencies({ try read(library.file, at: $0, upTo: $1) }) else {
            return []
        }
        let image = ImmutableTrees.root(of: library.path)
        var names = dependencies.libraries
        if let interpreter = dependencies.interpreter {
            // The linker itself comes first, then its cache of where libraries are.
            names = [interpreter, Array("/etc/ld.so.cache".utf8)] + names
        }
        return try names.compactMap { name in
            let candidates = LibraryRule.candidates(for: name, of: library.path, dependencies, root: image)
            for candidate in candidates {
                if let found = try find(candidate, image: image) { return found }
            }
            return nil
        }
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

    /// Follows a path as the linker would, links in it included.
    private func find(_ path: [UInt8], image: [UInt8]?) throws -> Library? {
        var left = Array(Self.components(path).reversed())
        var done: [[UInt8]] = []
        var found: FoundEntry?
        var links = 0
        while let name = left.popLast() {
            if name == Array("..".utf8) {
                _ = done.popLast()
                continue
            }
            guard let entry = try walker.find(done + [name], from: root, .mayFetch) else { return nil }
            guard entry.entry.type == .symbolicLink else {
                found = entry
                done.append(name)
                continue
            }
            let target = entry.entry.linkTarget
            links += 1
            guard links <= Self.linkLimit else { return nil }
            if target.first == UInt8(ascii: "/") {
                guard let image else { return nil }
                done = Self.components(image)
            }
            left += Self.components(target).reversed()
        }
        guard let found, found.entry.isRegular, !found.entry.flags.contains(.external) else { return nil }
        return Library(path: done.flatMap { [UInt8(ascii: "/")] + $0 }, file: found)
    }

    private static func components(_ path: [UInt8]) -> [[UInt8]] {
        path.split(separator: UInt8(ascii: "/")).map { Array($0) }.filter { $0 != [UInt8(ascii: ".")] }
    }

    private func read(_ file: FoundEntry, at offset: Int64, upTo count: Int) throws -> [UInt8] {
        guard offset >= 0, offset < file.entry.size, count > 0 else { return [] }
        guard file.entry.flags.contains(.chunked) else {
            return try read(FileObjects.whole(file), at: offset, upTo: count)
        }
        var bytes: [UInt8] = []
        let end = offset.addingReportingOverflow(Int64(count))
        for chunk in try FileObjects.chunks(of: file, walker, .mayFetch)
        where chunk.offset + chunk.size > offset && (end.overflow || chunk.offset < end.partialValue) {
            let start = max(offset, chunk.offset) - chunk.offset
            bytes += try read(FileObjects.chunk(chunk, of: file), at: start, upTo: count - bytes.count)
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
