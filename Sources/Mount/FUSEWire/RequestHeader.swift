// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The first 40 bytes of every request.
///
/// | offset | width | meaning |
/// |---|---|---|
/// | 0 | 4 | length of the message, this header included |
/// | 4 | 4 | opcode |
/// | 8 | 8 | unique: identifies the request in the reply |
/// | 16 | 8 | node |
/// | 24 | 4 | user of the caller |
/// | 28 | 4 | group of the caller |
/// | 32 | 4 | process of the caller |
/// | 36 | 4 | length of extensions, unused here |
///
/// - Source: Linux, fuse.h, `struct fuse_in_header`.
package struct RequestHeader: Sendable, Equatable {
    /// The size of the header.
    package static let byteCount = 40

    /// What is asked, as the kernel wrote it; it may be an opcode that this table does not know.
    package let rawOpcode: UInt32
    /// Identifies the request.
    package let unique: UInt64
    /// The node that the request is about; 1 is the root.
    package let node: UInt64
    /// The caller's user.
    package let user: UInt32
    /// The caller's group.
    package let group: UInt32
    /// The caller's process.
    package let process: UInt32

    /// Reads the header, and checks that the message has the length that it claims.
    package init(_ message: UnsafeRawBufferPointer) throws(WireProblem) {
        var reader = MessageReader(message)
        let length: UInt32 = try reader.integer()
        rawOpcode = try reader.integer()
        unique = try reader.integer()
        node = try reader.integer()
        user = try reader.integer()
        group = try reader.integer()
        process = try reader.integer()
        try reader.skip(4)
        guard Int(length) == message.count else {
            let text = "a request of \(message.count) bytes says that it has \(length)"
            throw WireProblem(code: .length, message: text)
        }
    }
}
