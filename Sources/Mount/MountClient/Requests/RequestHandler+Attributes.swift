// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import Digests
internal import FUSEWire

#if canImport(Glibc)
internal import Glibc
#endif

extension RequestHandler {
    /// Answers GETXATTR: the entry's own attributes, and some that tell of the repository.
    ///
    /// The latter are not listed.
    func getExtendedAttribute(_ name: UnsafeRawBufferPointer, _ id: UInt64, _ limit: UInt32) throws {
        let node = try current(id)
        guard let value = magicValue(Array(name), node) ?? attributes(of: node)?[Array(name)] else {
            throw RequestFailure(ENODATA)
        }
        try append(value, limit: limit)
    }

    /// Answers LISTXATTR with the names of the entry's own attributes.
    func listExtendedAttributes(_ id: UInt64, _ limit: UInt32) throws {
        let list = attributes(of: try current(id))?.attributes ?? []
        try append(list.flatMap { $0.name + [0] }, limit: limit)
    }

    private func attributes(of node: Node) -> ExtendedAttributes? {
        node.entry.attributes.flatMap { ExtendedAttributes(encoded: $0) }
    }

    private func append(_ value: [UInt8], limit: UInt32) throws {
        guard limit > 0 else {
            reply.append(UInt32(value.count))
            reply.append(UInt32(0))
            return
        }
        guard value.count <= Int(limit) else { throw RequestFailure(ERANGE) }
        value.withUnsafeBytes { reply.append($0) }
    }

    /// - Source: cvmfs-format H.12.
    private func magicValue(_ name: [UInt8], _ node: Node) -> [UInt8]? {
        let text: String? =
            switch String(decoding: name, as: UTF8.self) {
            case "user.fqrn": state.reader.repository.name
            case "user.revision": String(state.shown.revision)
            case "user.root_hash": state.shown.rootHash.description
            case MountAttribute.socket: state.controlPath
            case "user.hash": node.entry.hash?.description
            default: nil
            }
        return text.map { Array($0.utf8) }
    }
}
