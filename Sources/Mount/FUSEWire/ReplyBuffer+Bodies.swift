// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

extension ReplyBuffer {
    /// Appends the 64 bytes that answer INIT.
    ///
    /// | offset | width | meaning |
    /// |---|---|---|
    /// | 0 | 4 + 4 | major, minor |
    /// | 8 | 4 | read-ahead |
    /// | 12 | 4 | features, low word |
    /// | 16 | 2 + 2 | limit of requests in the background, and where the kernel slows down |
    /// | 20 | 4 | longest write |
    /// | 24 | 4 | granularity of times in nanoseconds |
    /// | 28 | 2 + 2 | longest request in pages, alignment |
    /// | 32 | 4 | features, high word |
    /// | 36 | 4 | how many file systems may be stacked below passthrough |
    ///
    /// - Source: Linux, fuse.h, `struct fuse_init_out`.
    package func append(_ agreement: Negotiation.Agreement) {
        append(UInt32(7))
        append(agreement.minor)
        append(agreement.readAhead)
        append(UInt32(truncatingIfNeeded: agreement.features.rawValue))
        // The kernel keeps what is beyond back, small reads behind large ones; how much waits for the network is decided elsewhere.
        append(UInt16(512))
        append(UInt16(384))
        append(UInt32(131_072))
        append(UInt32(1))
        append(agreement.pages)
        append(UInt16(0))
        append(UInt32(truncatingIfNeeded: agreement.features.rawValue >> 32))
        append(UInt32(agreement.features.contains(.passthrough) ? 1 : 0))
        appendZeros(24)
    }

    /// Appends the 88 bytes of `struct fuse_attr`.
    package func append(_ attributes: NodeAttributes) {
        append(attributes.inode)
        append(attributes.size)
        append(1 &+ attributes.size / 512)
        for _ in 0..<3 { append(attributes.modifiedSeconds) }
        for _ in 0..<3 { append(attributes.modifiedNanoseconds) }
        append(attributes.mode)
        append(attributes.links)
        append(attributes.user)
        append(attributes.group)
        append(attributes.device)
        append(UInt32(4096))
        append(UInt32(0))
    }

    /// Appends the answer to GETATTR (`struct fuse_attr_out`).
    package func append(_ attributes: NodeAttributes, validity: Duration) {
        let (seconds, nanoseconds) = validity.parts
        append(seconds)
        append(nanoseconds)
        append(UInt32(0))
        append(attributes)
    }

    /// Appends the answer to LOOKUP (`struct fuse_entry_out`, 128 bytes).
    package func append(_ entry: NodeEntry) {
        append(entry.node)
        append(UInt64(0))
        let (name, attributes) = (entry.nameValidity.parts, entry.attributeValidity.parts)
        append(name.seconds)
        append(attributes.seconds)
        append(name.nanoseconds)
        append(attributes.nanoseconds)
        append(entry.attributes)
    }

    /// Appends the answer to OPEN (`struct fuse_open_out`).
    package func appendOpen(handle: UInt64, flags: OpenFlags, backing: UInt32 = 0) {
        append(handle)
        append(flags.rawValue)
        append(backing)
    }

    /// Appends the answer to STATFS (`struct fuse_kstatfs`), in blocks of `blockSize` bytes.
    package func appendStatus(
        blocks: UInt64,
        free: UInt64,
        files: UInt64,
        freeFiles: UInt64,
        blockSize: UInt32
    ) {
        append(blocks)
        append(free)
        append(free)
        append(files)
        append(freeFiles)
        append(blockSize)
        append(UInt32(255))
        append(blockSize)
        appendZeros(28)
    }

    /// Appends one name of a directory (`struct fuse_dirent`), unless the answer would exceed `limit` bytes.
    ///
    /// - Parameters:
    ///   - name: at most 255 bytes.
    ///   - inode: the inode number that programs see.
    ///   - type: the type bits of the mode.
    ///   - next: the offset that continues after this name.
    ///   - limit: the most bytes that the payload may have.
    /// - Returns: whether it fitted.
    package func appendName(
        _ name: UnsafeRawBufferPointer,
        inode: UInt64,
        type: UInt32,
        next: UInt64,
        limit: Int
    ) -> Bool {
        let padded = (24 + name.count + 7) & ~7
        guard payloadCount + padded <= limit, padded <= space else { return false }
        append(inode)
        append(next)
        append(UInt32(truncatingIfNeeded: name.count))
        append((type & 0o170000) >> 12)
        append(name)
        appendZeros(padded - 24 - name.count)
        return true
    }

    /// Appends one name of a directory together with its node (`struct fuse_direntplus`).
    ///
    /// - Returns: whether it fitted into `limit` bytes; if not, nothing was appended.
    package func appendName(
        _ name: UnsafeRawBufferPointer,
        entry: NodeEntry,
        next: UInt64,
        limit: Int
    ) -> Bool {
        guard fitsNameWithEntry(name, limit: limit) else { return false }
        append(entry)
        return appendName(
            name,
            inode: entry.attributes.inode,
            type: entry.attributes.mode,
            next: next,
            limit: limit
        )
    }

    /// The names that a listing with nodes has, read back out of it.
    package var listedNames: [[UInt8]] {
        withMessage { message in
            var (names, position) = ([[UInt8]](), Self.headerByteCount)
            while position + 152 <= message.count {
                let length = Int(message.loadUnaligned(fromByteOffset: position + 144, as: UInt32.self))
                guard position + 152 + length <= message.count else { break }
                names.append(Array(message[(position + 152)..<(position + 152 + length)]))
                position += 128 + ((24 + length + 7) & ~7)
            }
            return names
        }
    }

    /// Whether a name with its node still fits: to be asked before the node's use is counted.
    package func fitsNameWithEntry(_ name: UnsafeRawBufferPointer, limit: Int) -> Bool {
        let needed = 128 + ((24 + name.count + 7) & ~7)
        return payloadCount + needed <= limit && needed <= space
    }
}

/// What the kernel may do with an open file.
///
/// - Source: Linux, fuse.h, `FOPEN_…`.
package struct OpenFlags: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// What the page cache holds of the file is still right.
    package static let keepCache = OpenFlags(rawValue: 1 << 1)
    /// The kernel may remember the directory's names.
    package static let cacheDirectory = OpenFlags(rawValue: 1 << 3)
    /// There is nothing to flush at close.
    package static let noFlush = OpenFlags(rawValue: 1 << 5)
    /// Reads go to the registered file.
    package static let passthrough = OpenFlags(rawValue: 1 << 7)
}

extension Duration {
    /// Whole seconds and nanoseconds, as the kernel counts validity.
    var parts: (seconds: UInt64, nanoseconds: UInt32) {
        let (seconds, attoseconds) = components
        return (UInt64(clamping: seconds), UInt32(clamping: attoseconds / 1_000_000_000))
    }
}
