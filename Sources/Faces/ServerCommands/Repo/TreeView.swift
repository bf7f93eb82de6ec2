// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import ObjectCache

/// What commands look up in the tree of one revision.
struct TreeView {
    private let repository: OpenRepository
    private let walker: TreeWalker
    private let root: DirectoryPlace

    /// Opens a revision.
    init(_ repository: OpenRepository, _ revision: RevisionOption) throws {
        self.repository = repository
        walker = repository.walker()
        root = try repository.root(revision)
    }

    /// Finds an entry by its path; `.` and empty components mean nothing.
    ///
    /// - Throws: `noPath`.
    func find(_ path: String) throws -> FoundEntry {
        let components = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
            .filter { !$0.elementsEqual(".".utf8) }
        guard let found = try walker.find(components, from: root, .mayFetch) else {
            throw RepoProblem(.noPath, "there is no \(path) in \(repository.name)")
        }
        return found
    }

    /// The entries of a directory that are not hidden, sorted by name.
    func children(of directory: FoundEntry) throws -> [FoundEntry] {
        guard directory.entry.isDirectory else { return [] }
        let place = try walker.place(
            of: directory.entry,
            at: directory.path,
            in: directory.catalog,
            .mayFetch
        )
        return try walker.catalog(of: place, .mayFetch).children(of: walker.key(place.path))
            .filter { !$0.flags.contains(.hidden) }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
            .map { FoundEntry(entry: $0, catalog: place.catalog, path: place.path(of: $0.name)) }
    }

    /// Hands on the content of a regular file, object by object, each verified before its first byte is seen.
    func read(_ file: FoundEntry, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        for wanted in try pieces(of: file) {
            let object = try repository.reader.objects.object(wanted)
            var offset: Int64 = 0
            while offset < object.size {
                let count = try object.read(at: offset, into: buffer)
                guard count > 0 else { break }
                try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                offset += Int64(count)
            }
        }
    }

    private func pieces(of file: FoundEntry) throws -> [ObjectFetcher.Wanted] {
        let entry = file.entry
        guard entry.isRegular, let algorithm = entry.flags.algorithm,
            let compression = entry.flags.compression
        else {
            let path = String(decoding: file.path, as: UTF8.self)
            throw RepoProblem(.notAFile, "\(path) of \(repository.name) is not a regular file")
        }
        let isExternal = entry.flags.contains(.external)
        guard entry.flags.contains(.chunked) else {
            guard let hash = entry.hash else { return [] }
            var wanted = ObjectFetcher.Wanted(hash, .file, compression: compression, size: entry.size)
            if isExternal { wanted.externalPath = file.path }
            return [wanted]
        }
        let catalog = DirectoryPlace(catalog: file.catalog, path: file.path)
        return try walker.catalog(of: catalog, .mayFetch).chunks(
            of: walker.key(file.path),
            algorithm: algorithm
        )
        .map { chunk in
            var wanted = ObjectFetcher.Wanted(chunk.hash, .chunk, compression: compression, size: chunk.size)
            if isExternal, chunk.size > 0 {
                wanted.externalPath = file.path
                wanted.externalRange = chunk.offset...(chunk.offset &+ chunk.size &- 1)
            }
            return wanted
        }
    }
}
