// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import FUSEWire
internal import ObjectCache

#if canImport(Glibc)
internal import Glibc
#endif

extension RequestHandler {
    /// Answers LOOKUP.
    func lookup(_ name: UnsafeRawBufferPointer, in parent: UInt64) throws {
        guard name.count <= 255 else { throw RequestFailure(ENAMETOOLONG) }
        guard name.first != UInt8(ascii: ".") || !isDots(name) else {
            return try lookupDots(name.count == 2, of: parent)
        }
        let directory = try current(parent)
        let place = try place(of: directory)
        let path = place.path(of: name)
        guard let entry = try walker.entry(at: path, in: place.catalog, policy) else {
            appendAbsence(in: directory)
            return
        }
        let found = FoundEntry(entry: entry, catalog: place.catalog, path: path)
        reply.append(self.entry(try refer(to: found, in: directory, place)))
    }

    /// Whether a name is `.` or `..`.
    private func isDots(_ name: UnsafeRawBufferPointer) -> Bool {
        name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    /// Counts a reference to a child of a directory and returns its node.
    func refer(to found: FoundEntry, in directory: Node, _ place: DirectoryPlace) throws -> Node {
        var path = directory.path
        path.append(UInt8(ascii: "/"))
        path += found.entry.name
        let candidate = candidate(
            found,
            at: path,
            place: try key(of: found.entry, in: directory, place),
            directory.epoch
        )
        guard let node = state.nodes.refer(to: candidate) else { throw RequestFailure(EIO) }
        if let handedOut = state.handedOut {
            // The directory itself may be one that is only passed through.
            let number = state.nodes.numbers.number(ofDirectoryAt: directory.place)
            handedOut.record(node.id, found.entry.name, in: number)
        }
        return node
    }

    /// The key that stands for an entry's place: for a member of a hard link group that of the first member, so that
    /// all members are one node.
    func key(of entry: CatalogEntry, in directory: Node, _ place: DirectoryPlace) throws -> PathKey {
        var name = entry.name
        if entry.linkGroup != 0, entry.linkCount > 1 {
            let reader = try walker.catalog(of: place, policy)
            name = try linkGroups.firstMember(
                of: entry,
                in: walker.key(place.path),
                place.catalog.hash,
                reader
            )
        }
        return walker.key(directory.path + [UInt8(ascii: "/")] + name)
    }

    /// Lets the kernel remember that there is no such name: for long only where names never change.
    private func appendAbsence(in directory: Node) {
        let options = state.options
        let duration =
            ImmutableTrees.isFrozen(directory.path) ? options.validity : options.absenceDuration
        let nothing = NodeAttributes(
            inode: 0,
            size: 0,
            modifiedSeconds: 0,
            modifiedNanoseconds: 0,
            mode: 0,
            links: 0,
            user: 0,
            group: 0,
            device: 0
        )
        reply.append(
            NodeEntry(node: 0, attributes: nothing, nameValidity: duration, attributeValidity: .zero)
        )
    }

    /// Answers GETATTR.
    func getAttributes(_ id: UInt64) throws {
        reply.append(try current(id).attributes(state.options), validity: state.options.validity)
    }

    /// Answers READLINK.
    func readLink(_ id: UInt64) throws {
        let node = try current(id)
        guard node.entry.type == .symbolicLink else { throw RequestFailure(EINVAL) }
        node.linkTarget.prefix(4095).withUnsafeBytes { reply.append($0) }
    }

    /// Answers STATFS.
    func fileSystemStatus() {
        let status = state.fileSystemStatus
        reply.appendStatus(
            blocks: status.limitInBytes / 512,
            free: (status.limitInBytes - status.usedBytes) / 512,
            files: status.entryCount,
            freeFiles: status.entryCount - min(status.entryCount, status.trackedCount),
            blockSize: 512
        )
    }
}

/// The cache's size and use, the repository's number of entries, and how many of them somebody looked at.
struct FileSystemStatus: Sendable {
    let limitInBytes: UInt64
    let usedBytes: UInt64
    let entryCount: UInt64
    let trackedCount: UInt64

    /// As of now.
    init(_ state: MountState) {
        limitInBytes = UInt64(clamping: state.cache.limitInBytes)
        usedBytes = min(UInt64(clamping: state.cache.totalSize), limitInBytes)
        entryCount = state.shown.entryCount
        trackedCount = UInt64(clamping: state.nodes.count)
    }
}
