// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import FUSEWire

#if canImport(Glibc)
internal import Glibc
#endif

/// Look-ups of `.` and `..`, which come only from a file server whose client has a handle: the kernel may have
/// forgotten the node, and this process may never have known it.
///
/// - Source: Linux, Documentation/filesystems/nfs/exporting.rst; fs/fuse/inode.c, `fuse_get_dentry`.
extension RequestHandler {
    /// Answers a look-up of `.` or `..`.
    ///
    /// - Throws: ESTALE if the node is no more what its number says, or nobody knows it.
    func lookupDots(_ isParent: Bool, of id: UInt64) throws {
        var path = try exportedPath(of: id)
        if isParent, !path.isEmpty { path.removeLast() }
        let node = try refer(toPath: path)
        guard isParent || node.id == id else {
            // The path shows something else by now; the reference goes to nobody.
            state.nodes.forget(node.id, 1)
            throw RequestFailure(ESTALE)
        }
        reply.append(entry(node))
    }

    private func exportedPath(of id: UInt64) throws -> [[UInt8]] {
        if id == NodeNumbers.root { return [] }
        guard let path = state.handedOut?.path(of: id) else { throw RequestFailure(ESTALE) }
        return path
    }

    /// Counts a reference to what a path shows now.
    private func refer(toPath path: [[UInt8]]) throws -> Node {
        guard let name = path.last else { return try current(NodeNumbers.root) }
        let shown = state.shown
        let above = path.dropLast()
        guard let found = try walker.find(Array(above), from: shown.root, policy), found.entry.isDirectory
        else {
            throw RequestFailure(ESTALE)
        }
        let directoryPath = above.reduce(into: [UInt8]()) { $0 += [UInt8(ascii: "/")] + $1 }
        // Stands for the directory only while its child is looked up: the kernel gets no reference to it.
        let directory = Node(
            id: 0,
            path: directoryPath,
            found: found,
            epoch: shown.epoch,
            place: walker.key(directoryPath),
            linkTarget: []
        )
        let place = try place(of: directory)
        let childPath = place.path(of: name)
        guard let entry = try walker.entry(at: childPath, in: place.catalog, policy) else {
            throw RequestFailure(ESTALE)
        }
        let child = FoundEntry(entry: entry, catalog: place.catalog, path: childPath)
        return try refer(to: child, in: directory, place)
    }
}
