// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import CVMFSReader
internal import FUSEWire

#if canImport(Glibc)
internal import Glibc
#endif

extension RequestHandler {
    /// Answers GETXATTR: magic attributes first, as the stock client does, then the entry's own.
    func getExtendedAttribute(
        _ name: UnsafeRawBufferPointer,
        _ header: RequestHeader,
        _ limit: UInt32
    ) throws {
        let node = try current(header.node)
        if let magic = MagicName(name) {
            guard state.options.magic.allows(magic.attribute, user: header.user, group: header.group) else {
                throw RequestFailure(ENODATA)
            }
            if let value = try magicValue(magic.attribute, node) {
                guard let part = magic.part(of: value) else { throw RequestFailure(ENODATA) }
                return try append(part, limit: limit)
            }
        }
        guard let value = attributes(of: node)?[Array(name)] else { throw RequestFailure(ENODATA) }
        try append(value, limit: limit)
    }

    /// Answers LISTXATTR with the names of the entry's own attributes, and of magic ones where they are listed.
    func listExtendedAttributes(_ id: UInt64, _ limit: UInt32) throws {
        let node = try current(id)
        var names = (attributes(of: node)?.attributes ?? []).map(\.name)
        if listsMagic(on: node) {
            names += MagicAttribute.allCases.filter { isListed($0, on: node) }.map { Array($0.rawValue.utf8) }
        }
        try append(names.flatMap { $0 + [0] }, limit: limit)
    }

    private func listsMagic(on node: Node) -> Bool {
        switch state.options.magic.listing {
        case .always: true
        case .onRoot: node.path.isEmpty
        case .never: false
        }
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
}
