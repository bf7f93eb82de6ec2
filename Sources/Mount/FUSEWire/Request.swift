// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What the kernel asks for.
///
/// Names point into the receive buffer and are valid while that is.
package enum Operation {
    case initialise(Negotiation.Offer)
    case lookup(name: UnsafeRawBufferPointer)
    case forget(count: UInt64)
    case batchForget(ForgetList)
    case getAttributes
    case readLink
    case open(flags: UInt32)
    case openDirectory
    case read(ReadArguments)
    case readDirectory(ReadArguments)
    case readDirectoryPlus(ReadArguments)
    case release(handle: UInt64)
    case releaseDirectory
    case fileSystemStatus
    /// Read one attribute; `limit` 0 asks for its size only.
    case getExtendedAttribute(name: UnsafeRawBufferPointer, limit: UInt32)
    case listExtendedAttributes(limit: UInt32)
    /// The caller of another request got a signal.
    case interrupt
    case destroy
    /// Something that would change a file system, which this one never lets happen.
    case modification
    /// Something that this table knows nothing of, or that a read-only file system does not implement.
    case unsupported
}

/// Which bytes of a file, or which entries of a directory, are wanted.
///
/// - Source: Linux, fuse.h, `struct fuse_read_in`.
package struct ReadArguments: Sendable, Equatable {
    /// What the answer to the open said.
    package let handle: UInt64
    /// The first byte, or the position after the last entry that was received.
    package let offset: UInt64
    /// The most bytes to answer with.
    package let size: UInt32
}

/// The nodes of a batch of forgets; decoded while it is walked.
package struct ForgetList: Sequence {
    private let entries: UnsafeRawBufferPointer

    /// Reads the count, and checks that so many entries follow it.
    init(_ reader: inout MessageReader, in message: UnsafeRawBufferPointer) throws(WireProblem) {
        let count: UInt32 = try reader.integer()
        try reader.skip(4)
        let start = message.count - reader.remaining
        guard reader.remaining / 16 >= Int(count) else {
            throw WireProblem(code: .truncated, message: "a batch of \(count) forgets is cut short")
        }
        entries = UnsafeRawBufferPointer(rebasing: message[start..<(start + Int(count) * 16)])
    }

    /// Walks the pairs of node and count.
    package func makeIterator() -> AnyIterator<(node: UInt64, count: UInt64)> {
        var position = 0
        return AnyIterator { [entries] in
            guard position < entries.count else { return nil }
            defer { position += 16 }
            return (
                entries.loadUnaligned(fromByteOffset: position, as: UInt64.self),
                entries.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
            )
        }
    }
}

/// One request of the kernel.
package struct Request {
    /// Who asks, and about which node.
    package let header: RequestHeader
    /// What is asked.
    package let operation: Operation

    /// Decodes a message as it was read from the device.
    ///
    /// - Throws: `WireProblem` when the message is shorter than its fields or its length is wrong. Unknown opcodes are
    ///   no problem but an `unsupported` operation.
    package init(_ message: UnsafeRawBufferPointer) throws(WireProblem) {
        header = try RequestHeader(message)
        var reader = MessageReader(message, at: RequestHeader.byteCount)
        guard let opcode = Opcode(rawValue: header.rawOpcode) else {
            operation = .unsupported
            return
        }
        operation = try Self.operation(opcode, &reader, in: message)
    }

    private static func operation(
        _ opcode: Opcode,
        _ reader: inout MessageReader,
        in message: UnsafeRawBufferPointer
    ) throws(WireProblem) -> Operation {
        switch opcode {
        case .initialise: .initialise(try Negotiation.Offer(&reader))
        case .lookup: .lookup(name: try reader.name())
        case .forget: .forget(count: try reader.integer())
        case .batchForget: .batchForget(try ForgetList(&reader, in: message))
        case .getAttributes: .getAttributes
        case .readLink: .readLink
        case .open: .open(flags: try reader.integer())
        case .openDirectory: .openDirectory
        case .read: .read(try ReadArguments(&reader))
        case .readDirectory: .readDirectory(try ReadArguments(&reader))
        case .readDirectoryPlus: .readDirectoryPlus(try ReadArguments(&reader))
        case .release: .release(handle: try reader.integer())
        case .releaseDirectory: .releaseDirectory
        case .fileSystemStatus: .fileSystemStatus
        case .getExtendedAttribute: try extendedAttribute(&reader)
        case .listExtendedAttributes: .listExtendedAttributes(limit: try reader.integer())
        case .interrupt: .interrupt
        case .destroy: .destroy
        case _ where opcode.modifies: .modification
        default: .unsupported
        }
    }

    private static func extendedAttribute(_ reader: inout MessageReader) throws(WireProblem) -> Operation {
        let limit: UInt32 = try reader.integer()
        try reader.skip(4)
        return .getExtendedAttribute(name: try reader.name(), limit: limit)
    }
}

extension ReadArguments {
    init(_ reader: inout MessageReader) throws(WireProblem) {
        handle = try reader.integer()
        offset = try reader.integer()
        size = try reader.integer()
    }
}
