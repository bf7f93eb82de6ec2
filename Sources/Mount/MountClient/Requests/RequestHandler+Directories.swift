// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSCatalog
internal import CVMFSFormat
internal import CVMFSReader
internal import FUSEWire

#if canImport(Glibc)
internal import Glibc
#endif

/// Listings hold no state: the offset after an entry is its row number, from which the index continues.
///
/// | offset | continues after |
/// |---|---|
/// | 0 | nothing |
/// | 1, 2 | `.` and `..` |
/// | n + 2 | the row n |
extension RequestHandler {
    /// Answers OPENDIR: never again after ENOSYS, which lets the kernel keep listings.
    func openDirectory() throws {
        guard !state.agreement.features.contains(.noOpenDirectory) else { throw RequestFailure(ENOSYS) }
        reply.appendOpen(handle: 0, flags: state.options.keepsListings ? [.keepCache, .cacheDirectory] : [])
    }

    /// Answers READDIR.
    func readDirectory(_ id: UInt64, _ arguments: ReadArguments) throws {
        let directory = try current(id)
        let limit = Int(arguments.size)
        guard
            appendDots(
                directory,
                arguments,
                limit: limit,
                { name, next in
                    reply.appendName(
                        name,
                        inode: directory.inode(state.options),
                        type: directory.entry.mode,
                        next: next,
                        limit: limit
                    )
                }
            )
        else { return }
        let place = try place(of: directory)
        for entry in try children(of: place, after: arguments.offset, atMost: limit / 32 + 1) {
            let key = try key(of: entry, in: directory, place)
            let fits = entry.name.withUnsafeBytes { name in
                reply.appendName(
                    name,
                    inode: state.options.inodes.number(of: key, entry),
                    type: entry.mode,
                    next: UInt64(clamping: entry.rowID) &+ 2,
                    limit: limit
                )
            }
            guard fits else { return }
        }
    }

    /// Answers READDIRPLUS: every name counts as a lookup.
    func readDirectoryPlus(_ id: UInt64, _ arguments: ReadArguments) throws {
        let directory = try current(id)
        let limit = Int(arguments.size)
        var own = entry(directory)
        // The kernel wants no node with these two.
        own.node = 0
        guard
            appendDots(
                directory,
                arguments,
                limit: limit,
                { name, next in
                    reply.appendName(name, entry: own, next: next, limit: limit)
                }
            )
        else { return }
        let place = try place(of: directory)
        for entry in try children(of: place, after: arguments.offset, atMost: limit / 160 + 1) {
            guard entry.name.withUnsafeBytes({ reply.fitsNameWithEntry($0, limit: limit) }) else { return }
            let found = FoundEntry(entry: entry, catalog: place.catalog, path: place.path(of: entry.name))
            let node = try refer(to: found, in: directory, place)
            let next = UInt64(clamping: entry.rowID) &+ 2
            _ = entry.name.withUnsafeBytes {
                reply.appendName($0, entry: self.entry(node), next: next, limit: limit)
            }
        }
    }

    /// Appends `.` and `..` as far as the offset asks for them.
    ///
    /// Returns whether there is room for more.
    private func appendDots(
        _ directory: Node,
        _ arguments: ReadArguments,
        limit: Int,
        _ append: (UnsafeRawBufferPointer, UInt64) -> Bool
    ) -> Bool {
        for (offset, name) in [".", ".."].enumerated() where arguments.offset <= UInt64(offset) {
            guard Array(name.utf8).withUnsafeBytes({ append($0, UInt64(offset) + 1) }) else { return false }
        }
        return true
    }

    /// The entries of a directory that are shown, after an offset.
    private func children(
        of place: DirectoryPlace,
        after offset: UInt64,
        atMost limit: Int
    ) throws -> [CatalogEntry] {
        var entries: [CatalogEntry] = []
        let row = offset > 2 ? Int64(clamping: offset - 2) : 0
        try walker.catalog(of: place, policy).forEachChild(of: walker.key(place.path), after: row) { entry in
            if !entry.flags.contains(.hidden), entry.name.count <= 255 { entries.append(entry) }
            return entries.count < limit
        }
        return entries
    }
}
