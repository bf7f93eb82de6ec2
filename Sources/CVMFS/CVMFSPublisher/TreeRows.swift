// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import CVMFSFormat
package import Digests
package import FileTree

/// Turns the entries of a tree into catalog rows.
package struct TreeRows {
    private let tree: ImageTree
    private let emptyFile: ContentHash

    package init(tree: ImageTree, emptyFile: ContentHash) {
        self.tree = tree
        self.emptyFile = emptyFile
    }

    /// The row of an entry under a name, with no hard link group.
    package func entry(_ node: ImageTree.NodeID, named name: [UInt8]) -> CatalogEntry {
        let inode = tree.inode(of: node)
        let metadata = inode.metadata
        var entry = CatalogEntry(
            name: name,
            mode: UInt32(metadata.permissions),
            uid: metadata.uid,
            gid: metadata.gid,
            mtime: metadata.mtime.seconds,
            mtimeNanoseconds: metadata.mtime.nanoseconds,
            flags: .file,
            attributes: PublishableAttributes(metadata.attributes, isOpaque: inode.isOpaque).encoded
        )
        switch inode.kind {
        case .directory:
            entry.mode |= EntryType.directory.rawValue
            entry.flags = .directory
            entry.size = 4096
            let subdirectories = tree.children(of: node).count { tree.kind(of: $0) == .directory }
            entry.linkCount = UInt32(clamping: 2 + subdirectories)
        case .regular:
            entry.mode |= EntryType.regular.rawValue
            describe(inode.content, in: &entry)
        case .symbolicLink:
            entry.mode = EntryType.symbolicLink.rawValue | 0o777
            entry.flags = [.file, .symbolicLink]
            entry.linkTarget = inode.linkTarget
            entry.size = Int64(inode.linkTarget.count)
        case .characterDevice: describeSpecial(.characterDevice, inode, in: &entry)
        case .blockDevice: describeSpecial(.blockDevice, inode, in: &entry)
        case .fifo: describeSpecial(.fifo, inode, in: &entry)
        case .socket: describeSpecial(.socket, inode, in: &entry)
        }
        return entry
    }

    private func describe(_ content: StoredContent?, in entry: inout CatalogEntry) {
        let first = content?.pieces.first?.object ?? emptyFile
        let isChunked = content?.isChunked ?? false
        let isPlain = !isChunked && content?.pieces.first?.isPlain ?? false
        entry.size = content?.size ?? 0
        entry.flags = .regular(first.algorithm, isPlain ? .none : .zlib, chunked: isChunked)
        entry.hash = isChunked ? nil : first
    }

    private func describeSpecial(_ type: EntryType, _ inode: ImageTree.Inode, in entry: inout CatalogEntry) {
        entry.mode |= type.rawValue
        entry.flags = [.file, .special]
        if type == .characterDevice || type == .blockDevice {
            entry.size = DeviceNumber.encode(major: inode.deviceMajor, minor: inode.deviceMinor)
        }
    }

    /// The chunks of a file; none for one that is a single object.
    package func chunks(of node: ImageTree.NodeID) -> [FileChunk] {
        guard let content = tree.inode(of: node).content, content.isChunked else { return [] }
        var offset: Int64 = 0
        return content.pieces.map { piece in
            defer { offset += piece.size }
            return FileChunk(offset: offset, size: piece.size, hash: piece.object)
        }
    }
}
