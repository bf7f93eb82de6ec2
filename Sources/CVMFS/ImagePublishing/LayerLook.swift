// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What the first bytes of a blob say about it.
enum LayerLook {
    private static let gzip: [UInt8] = [0x1F, 0x8B]
    private static let zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    private static let ustar = Array("ustar".utf8)
    private static let ustarOffset = 257

    /// Whether a blob is worth reading as a layer before any manifest says that it is one: a compressed stream, or an archive
    /// of a kind that can be told by its first header.
    ///
    /// - Parameter source: fills a buffer and returns the number of bytes, 0 at the end.
    /// - Returns: whether it may be a layer.
    /// - Throws: what `source` throws.
    static func mayBeLayer(_ source: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Bool {
        var head = [UInt8](repeating: 0, count: 512)
        let count = try head.withUnsafeMutableBytes { buffer in
            var filled = 0
            while filled < buffer.count {
                let part = try source(UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                guard part > 0 else { break }
                filled += part
            }
            return filled
        }
        return mayBeLayer(head.prefix(count))
    }

    /// The same of bytes in memory.
    static func mayBeLayer(_ head: ArraySlice<UInt8>) -> Bool {
        head.starts(with: gzip) || head.starts(with: zstd)
            || head.dropFirst(ustarOffset).starts(with: ustar)
    }
}
