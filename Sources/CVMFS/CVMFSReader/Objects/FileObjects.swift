// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
package import CVMFSFormat
internal import Digests

/// The objects that files consist of.
///
/// - Source: cvmfs-format C.7, C.11.
package enum FileObjects {
    /// The object of a file that is not chunked.
    ///
    /// - Throws: `corrupt` if the entry names none.
    package static func whole(_ file: FoundEntry) throws(ReaderProblem) -> ObjectFetcher.Wanted {
        guard let hash = file.entry.hash, let compression = file.entry.flags.compression else {
            throw problem(file, "a file without content")
        }
        var wanted = ObjectFetcher.Wanted(hash, .file, compression: compression, size: file.entry.size)
        if file.entry.flags.contains(.external) { wanted.externalPath = file.path }
        return wanted
    }

    /// The object of one chunk of a file.
    ///
    /// - Throws: `corrupt` if the entry does not say how it is compressed.
    package static func chunk(_ chunk: FileChunk, of file: FoundEntry) throws(ReaderProblem)
        -> ObjectFetcher.Wanted
    {
        guard let compression = file.entry.flags.compression else {
            throw problem(file, "a file of unknown compression")
        }
        var wanted = ObjectFetcher.Wanted(chunk.hash, .chunk, compression: compression, size: chunk.size)
        if file.entry.flags.contains(.external) {
            wanted.externalPath = file.path
            wanted.externalRange = chunk.offset...(chunk.offset + max(chunk.size, 1) - 1)
        }
        return wanted
    }

    /// The chunks of a file, in order; they cover it without a gap.
    ///
    /// - Throws: `corrupt` if they do not; `NeedsFetch`.
    package static func chunks(
        of file: FoundEntry,
        _ walker: TreeWalker,
        _ policy: FetchPolicy
    ) throws -> [FileChunk] {
        guard let algorithm = file.entry.flags.algorithm else {
            throw problem(file, "a file of unknown hash algorithm")
        }
        let place = DirectoryPlace(catalog: file.catalog, path: [])
        let chunks = try walker.catalog(of: place, policy).chunks(
            of: walker.key(file.path),
            algorithm: algorithm
        )
        var end: Int64 = 0
        for chunk in chunks {
            let (next, overflow) = end.addingReportingOverflow(chunk.size)
            guard chunk.offset == end, chunk.size > 0, !overflow else {
                throw problem(file, "a file whose chunks do not cover it")
            }
            end = next
        }
        guard end == file.entry.size else { throw problem(file, "a file whose chunks do not cover it") }
        return chunks
    }

    /// All objects of a file.
    ///
    /// - Throws: what `whole` and `chunks` throw.
    package static func all(
        of file: FoundEntry,
        _ walker: TreeWalker,
        _ policy: FetchPolicy
    ) throws -> [ObjectFetcher.Wanted] {
        guard file.entry.flags.contains(.chunked) else { return [try whole(file)] }
        return try chunks(of: file, walker, policy).map { try chunk($0, of: file) }
    }

    private static func problem(_ file: FoundEntry, _ what: String) -> ReaderProblem {
        ReaderProblem(.corrupt, "the catalog \(file.catalog.hash) holds \(what)")
    }
}
